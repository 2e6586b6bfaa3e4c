/** Malformed input for accounts, grants, rules or an access file. Its message names what is wrong, in one line. */
export class MalformedError extends RangeError {}
