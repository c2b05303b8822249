/**
 * `binnacle logstore import`: an exact dump, JSON lines (of `dump --format json`, or documents), or plain
 * text.
 */
import type { LogStore } from "@binnacle/logs";
import { Labels, SYSTEM_CLOCK, type LineMetadata, type LogEntries } from "@binnacle/model";
import { decodeJsonLines } from "@binnacle/wire";
import { InvalidArgumentError } from "commander";
import { DUMP_HEADER } from "./logstore-dump.ts";
import { FileLines, readDump } from "./logstore-dump-reader.ts";
import type { ImportLogsOptions } from "./logstore-options.ts";
import { withLogStore } from "./logstore-store.ts";
import { print, Progress } from "./output/progress.ts";

/** Bytes of lines that are appended at once. */
const BATCH_BYTES = 4 * 1024 * 1024;

export async function importLogs(source: string, options: ImportLogsOptions): Promise<void> {
  const labels = textLabels(options.label);
  using file = new FileLines(source);
  await withLogStore(options.data, async (store) => {
    const batch = new Batch(store);
    using progress = new Progress("read", file.size);
    const first = file.line();
    const onLine = async (): Promise<void> => {
      progress.show(file.offset);
      if (batch.bytes >= BATCH_BYTES) await batch.flush();
    };
    if (first !== undefined && `${first.toString("latin1")}\n` === DUMP_HEADER) {
      for (const { labels: stream, timeNs, line, metadata } of readDump(file)) {
        batch.add(stream, timeNs, line, metadata);
        await onLine();
      }
    } else if (first?.[0] === 0x7b) await importJson(first, file, { batch, options, onLine });
    else {
      // Lines that say no time get this one, a nanosecond apart, so that their order is kept.
      let timeNs = nowNs();
      for (let line = first; line !== undefined; line = file.line()) {
        batch.add(labels, timeNs++, line, undefined);
        await onLine();
      }
    }
    await batch.flush();
    await store.compact();
    const { taken, rejected, firstRejection } = batch;
    print(`${taken} lines taken, ${rejected} rejected${firstRejection}`);
  });
}

function textLabels(given: readonly string[]): Labels {
  if (given.length === 0) return Labels.fromObject({ job: "import" });
  return Labels.fromObject(
    Object.fromEntries(
      given.map((text) => {
        const [, name, value] = /^([a-zA-Z_][a-zA-Z0-9_]*)=(.*)$/s.exec(text) ?? [];
        if (name === undefined) {
          throw new InvalidArgumentError(`${JSON.stringify(text)} is no label: expected name=value.`);
        }
        return [name, value!];
      }),
    ),
  );
}

function nowNs(): bigint {
  return BigInt(SYSTEM_CLOCK.nowMs()) * 1_000_000n;
}

interface JsonImport {
  readonly batch: Batch;
  readonly options: ImportLogsOptions;
  readonly onLine: () => Promise<void>;
}

/** Documents without a time get that of now. */
async function importJson(first: Buffer, file: FileLines, { batch, options, onLine }: JsonImport) {
  const documents = {
    streamFields: (options.streamFields ?? "").split(",").filter((name) => name !== ""),
    timeField: options.timeField,
    lineField: options.lineField,
    job: "import",
    nowNs: nowNs(),
  };
  for (let line: Buffer | undefined = first; line !== undefined; line = file.line()) {
    const dumped = readDumped(line);
    if (dumped === undefined) {
      const push = decodeJsonLines(line, documents);
      for (const entries of push.streams) batch.addAll(entries);
      const [error] = push.errors;
      if (error !== undefined) batch.reject(`${file.path} before byte ${file.offset}: ${error.message}`);
    } else batch.add(dumped.labels, dumped.timeNs, dumped.line, dumped.metadata);
    await onLine();
  }
}

/** A line of `dump --format json`; undefined for any other document. */
function readDumped(
  text: Buffer,
): { labels: Labels; timeNs: bigint; line: Uint8Array; metadata: LineMetadata | undefined } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text.toString("utf8"));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { time, labels, line, line64, metadata } = value as Record<string, unknown>;
  const isDumped =
    typeof time === "string" &&
    /^-?\d{1,19}$/.test(time) &&
    isTexts(labels) &&
    (typeof line === "string") !== (typeof line64 === "string") &&
    (metadata === undefined || (Array.isArray(metadata) && metadata.length % 2 === 0 && isTexts(metadata)));
  if (!isDumped) return undefined;
  return {
    labels: Labels.fromObject(labels as Record<string, string>),
    timeNs: BigInt(time),
    line: typeof line === "string" ? Buffer.from(line, "utf8") : Buffer.from(line64 as string, "base64"),
    metadata: metadata as string[] | undefined,
  };
}

function isTexts(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && Object.values(value).every((it) => typeof it === "string")
  );
}

/** Gathers lines stream by stream, in their order. */
class Batch {
  readonly #store: LogStore;
  readonly #streams = new Map<
    string,
    { labels: Labels; timesNs: bigint[]; lines: Uint8Array[]; metadata: (LineMetadata | undefined)[] }
  >();
  bytes = 0;
  taken = 0;
  rejected = 0;
  firstRejection = "";

  constructor(store: LogStore) {
    this.#store = store;
  }

  add(labels: Labels, timeNs: bigint, line: Uint8Array, metadata: LineMetadata | undefined): void {
    const key = labels.key();
    let stream = this.#streams.get(key);
    if (stream === undefined)
      this.#streams.set(key, (stream = { labels, timesNs: [], lines: [], metadata: [] }));
    stream.timesNs.push(timeNs);
    stream.lines.push(line);
    stream.metadata.push(metadata);
    // What holding a line takes beside its bytes, roughly.
    this.bytes += line.length + 100;
  }

  addAll({ labels, timesNs, lines, metadata }: LogEntries): void {
    lines.forEach((line, i) => this.add(labels, timesNs[i]!, line, metadata?.[i]));
  }

  reject(message: string): void {
    this.rejected++;
    if (this.firstRejection === "") this.firstRejection = `; the first: ${message}`;
  }

  async flush(): Promise<void> {
    const entries = [...this.#streams.values()].map(({ labels, timesNs, lines, metadata }) => ({
      labels,
      timesNs: BigInt64Array.from(timesNs),
      lines,
      metadata: metadata.some((pairs) => pairs !== undefined) ? metadata : undefined,
    }));
    this.#streams.clear();
    this.bytes = 0;
    if (entries.length === 0) return;
    const { appended, rejected, rejections } = await this.#store.append(entries);
    this.taken += appended;
    this.rejected += rejected;
    if (this.firstRejection === "" && rejections[0] !== undefined)
      this.firstRejection = `; the first: ${rejections[0].message}`;
  }
}
