/**
 * Loki's push in JSON as senders write it, read without making objects of its entries:
 *
 *     {"streams":[{"stream":{"app":"x"},"values":[["1700000000000000000","line"],…]},…]}
 *
 * Members in another order, metadata, mistakes: all else is left to json.ts, which says what is wrong.
 */
import { isUtf8 } from "node:buffer";
import { LogBody } from "@binnacle/kernels";
import { PackedEntries, type Labels, type LogEntries } from "@binnacle/model";
import { Interner } from "../interner.ts";
import { readJsonLabels } from "./json.ts";
import type { LogPush } from "./push.ts";

/** Remembers label sets, so one reader lives as long as its senders do. */
export class PlainJsonReader {
  readonly #labels = new Interner<Labels>();

  /** Undefined where the body is anything else than the plain form. */
  read(bytes: Uint8Array): LogPush | undefined {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!isUtf8(text)) return undefined;
    const body = LogBody.load(text);
    if (body === undefined) return undefined;
    const streams: LogEntries[] = [];
    let entryCount = 0;
    let at = skipAll(text, 0, ["{", '"streams"', ":", "["]);
    for (;;) {
      at = skipAll(text, at, ["{", '"stream"', ":"]);
      if (at < 0) return undefined;
      const labelsAt = skipBlanks(text, at);
      const labelsEnd = objectEnd(text, labelsAt);
      const labels = labelsEnd < 0 ? undefined : this.#labelsOf(text, labelsAt, labelsEnd);
      if (labels === undefined) return undefined;
      at = skipAll(text, labelsEnd, [",", '"values"', ":"]);
      const entries = at < 0 ? undefined : body.readJsonEntries(at);
      if (entries === undefined) return undefined;
      if (entries.timesNs.length > 0) streams.push(new PackedEntries(labels, entries));
      entryCount += entries.timesNs.length;
      at = skipAll(text, entries.end, ["}"]);
      const next = skipAll(text, at, [","]);
      if (next < 0) break;
      at = next;
    }
    at = skipAll(text, at, ["]", "}"]);
    if (at < 0 || skipBlanks(text, at) < text.length) return undefined;
    return { streams, entryCount, errors: [], errorCount: 0 };
  }

  #labelsOf(text: Buffer, from: number, to: number): Labels | undefined {
    const key = Interner.keyOf(text, from, to);
    const known = this.#labels.get(key);
    if (known !== undefined) return known;
    try {
      const labels = readJsonLabels(JSON.parse(text.toString("utf8", from, to)));
      if (typeof labels === "string") return undefined;
      this.#labels.set(key, labels);
      return labels;
    } catch {
      return undefined;
    }
  }
}

function skipBlanks(text: Buffer, from: number): number {
  let at = from;
  while (text[at] === 0x20 || text[at] === 0x0a || text[at] === 0x0d || text[at] === 0x09) at++;
  return at;
}

/** Behind pieces that follow each other, with blanks between; −1 where they do not stand there. */
function skipAll(text: Buffer, from: number, pieces: readonly string[]): number {
  if (from < 0) return -1;
  let at = from;
  for (const piece of pieces) {
    at = skipBlanks(text, at);
    for (let i = 0; i < piece.length; i++) if (text[at + i] !== piece.charCodeAt(i)) return -1;
    at += piece.length;
  }
  return at;
}

/** Behind a flat object that begins at a place; −1 where none does. */
function objectEnd(text: Buffer, from: number): number {
  if (text[from] !== 0x7b) return -1;
  let isText = false;
  for (let at = from + 1; at < text.length; at++) {
    const byte = text[at]!;
    if (byte === 0x22) isText = !isText;
    else if (isText && byte === 0x5c) at++;
    else if (!isText && byte === 0x7b) return -1;
    else if (!isText && byte === 0x7d) return at + 1;
  }
  return -1;
}
