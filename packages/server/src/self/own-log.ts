/**
 * The program's own log: one JSON object a line, to standard error and to a file below the data directory,
 * which the tailer reads like any other. The file is renamed to `.1` when it is full, so that it takes
 * bounded space.
 */
import fs from "node:fs";
import path from "node:path";
import type { Logger } from "@binnacle/model";
import { pino, type Level } from "pino";
import { OWN_LOG_BYTES_MAX } from "../limits.ts";

/** Words that name a secret: pino writes `[Redacted]` for a field so called. */
const REDACTED = [
  "password",
  "credentials",
  "authorization",
  "token",
  "*.password",
  "*.credentials",
  "*.authorization",
];

export interface OwnLogOptions {
  readonly file: string;
  readonly level: Level;
  readonly toStandardError: boolean;
}

export interface OwnLog extends Logger, Disposable {
  readonly file: string;
}

export function openOwnLog(options: OwnLogOptions): OwnLog {
  fs.mkdirSync(path.dirname(options.file), { recursive: true });
  const file = new RotatingFile(options.file, OWN_LOG_BYTES_MAX);
  const stream = {
    write(line: string): void {
      file.write(line);
      if (options.toStandardError) process.stderr.write(line);
    },
  };
  const log = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: REDACTED,
    },
    stream,
  );
  return {
    file: options.file,
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

/**
 * Appends to a file and renames it away once it is full. Synchronous: a log is wanted most when the process
 * dies.
 */
class RotatingFile implements Disposable {
  readonly #path: string;
  readonly #bytesMax: number;
  #fd: number;
  #bytes: number;

  constructor(file: string, bytesMax: number) {
    this.#path = file;
    this.#bytesMax = bytesMax;
    this.#fd = fs.openSync(file, "a");
    this.#bytes = fs.fstatSync(this.#fd).size;
  }

  write(line: string): void {
    if (this.#bytes >= this.#bytesMax) this.#rotate();
    try {
      this.#bytes += fs.writeSync(this.#fd, line);
    } catch {
      // A full disk must not end the process for its log's sake; standard error still has the line.
    }
  }

  [Symbol.dispose](): void {
    fs.closeSync(this.#fd);
  }

  #rotate(): void {
    fs.closeSync(this.#fd);
    fs.renameSync(this.#path, `${this.#path}.1`);
    this.#fd = fs.openSync(this.#path, "a");
    this.#bytes = 0;
  }
}
