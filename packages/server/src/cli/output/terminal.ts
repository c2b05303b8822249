/**
 * Where a command writes what was asked for. Nothing but data goes there: what went wrong goes to standard
 * error.
 */
export interface Terminal {
  readonly write: (text: string) => void;
  /** Whether a person reads it: then charts are drawn and long cells are cut. Else it is plain and whole. */
  readonly isInteractive: boolean;
  /** Characters of a line, where a person reads it. */
  readonly columns: number;
}

/** Ends the program with a code of its own and without a message: nothing failed. */
export class ExitCode extends Error {
  override readonly name = "ExitCode";
  readonly code: number;

  constructor(code: number) {
    super(`exit code ${code}`);
    this.code = code;
  }
}
