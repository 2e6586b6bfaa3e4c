/** Exit code of the process that reads the records when they are damaged. */
export const DAMAGED_EXIT_CODE = 3;
