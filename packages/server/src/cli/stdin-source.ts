/** Lines of a text as a source of one stream, for queries without a server. */
import { Labels, type LogBlock, type LogSet, type LogSource } from "@binnacle/model";

const LABELS = Labels.fromObject({ source: "stdin" });

/** A query's selector is not looked at: all lines are of the one stream that there is. */
export function linesAsSource(text: string, endNs: bigint): { source: LogSource; startNs: bigint } {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const bytes = Buffer.from(lines.map((line) => line.replace(/\r$/, "")).join("\n"), "utf8");
  const offsets = new Uint32Array(lines.length + 1);
  const parts: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; i < lines.length; i++) {
    const found = bytes.indexOf(10, at);
    const end = found < 0 ? bytes.length : found;
    parts.push(bytes.subarray(at, end));
    offsets[i + 1] = offsets[i]! + (end - at);
    at = end + 1;
  }
  const startNs = endNs - BigInt(Math.max(lines.length - 1, 0));
  const block: LogBlock = {
    labels: LABELS,
    timesNs: BigInt64Array.from(lines, (_, i) => startNs + BigInt(i)),
    bytes: Buffer.concat(parts),
    offsets,
    metadata: undefined,
  };
  const set: LogSet = {
    streams: [LABELS],
    read: () => (lines.length === 0 ? [] : [block]),
    [Symbol.dispose]: () => undefined,
  };
  const source: LogSource = {
    select: () => Promise.resolve(set),
    streams: () => Promise.resolve([LABELS]),
    labelNames: () => Promise.resolve(["source"]),
    labelValues: () => Promise.resolve(["stdin"]),
  };
  return { source, startNs };
}
