/** Malformed input for accounts, grants, rules or an access file. Its message describes the error in one line. */
export class MalformedError extends RangeError {}
