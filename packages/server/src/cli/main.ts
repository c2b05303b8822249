/**
 * Reads a command line and turns every end into an exit code: 0, 1 for a failure, 2 for flags that make no
 * sense.
 */
import { BinnacleError, FatalError } from "@binnacle/model";
import { CommanderError, type Command } from "commander";
import { buildProgram, type Start } from "./program.ts";

export interface MainOptions {
  readonly start: Start;
  /** Where messages about failures go. */
  readonly complain: (text: string) => void;
}

/** The exit code for the arguments after the program's name. */
export async function main(args: readonly string[], options: MainOptions): Promise<number> {
  const program = buildProgram(options.start);
  for (const command of [program, ...program.commands]) overrideExit(command, options);
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    options.complain(`${describe(error)}\n`);
    return 1;
  }
}

function overrideExit(command: Command, options: MainOptions): void {
  command.exitOverride();
  command.configureOutput({ writeErr: options.complain });
}

/** What a person can act on needs no stack; what is our mistake does. */
function describe(error: unknown): string {
  if (error instanceof BinnacleError || error instanceof FatalError) return `binnacle: ${error.message}`;
  if (error instanceof Error && "syscall" in error) return `binnacle: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
