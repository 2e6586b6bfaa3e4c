/** Exit code of the verification process when the records are damaged. */
export const DAMAGED_EXIT_CODE = 3;
