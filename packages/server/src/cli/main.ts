/**
 * Reads a command line and turns every end into an exit code: 0, 1 for a failure, 2 for flags that make no
 * sense, or what a command has of its own.
 */
import { BinnacleError, FatalError } from "@binnacle/model";
import { CommanderError, InvalidArgumentError, type Command } from "commander";
import { ExitCode } from "./output/terminal.ts";
import { buildProgram, type Start } from "./program.ts";
import type { CommandIo } from "./query-commands.ts";

export interface MainOptions extends CommandIo {
  readonly start: Start;
}

/** The exit code for the arguments after the program's name. */
export async function main(args: readonly string[], options: MainOptions): Promise<number> {
  const program = buildProgram(options.start, options);
  for (const command of allCommands(program)) overrideExit(command, options);
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof ExitCode) return error.code;
    if (error instanceof InvalidArgumentError) {
      options.complain(`binnacle: ${error.message}\n`);
      return 2;
    }
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    options.complain(`${describe(error)}\n`);
    return 1;
  }
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
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
