/**
 * The program's entry. Everything heavy is imported once a command runs, so that --version and --help are
 * quick.
 */
import process from "node:process";
import { main } from "./cli/main.ts";

const exitCode = await main(process.argv.slice(2), {
  start: async (mode, flags) => (await import("./run.ts")).run(mode, flags),
  complain: (text) => void process.stderr.write(text),
  readInput: async () => (await import("node:stream/consumers")).text(process.stdin),
  terminal: {
    write: (text) => void process.stdout.write(text),
    isInteractive: process.stdout.isTTY,
    columns: process.stdout.columns,
  },
});
// A failed start may have left sockets and threads behind that would keep the process.
if (exitCode === 0) process.exitCode = 0;
else process.exit(exitCode);
