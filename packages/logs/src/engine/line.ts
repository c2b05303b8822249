/** A line on its way through a pipeline: its bytes, its text once somebody asks for it, and its labels. */
import { Labels, type LineMetadata } from "@binnacle/model";
import { detectLevel, LEVEL_LABEL } from "./detected-level.ts";
import { LineLabels } from "./line-labels.ts";
import type { ParserHints } from "./parser-hints.ts";

const encoder = new TextEncoder();

export interface LineOptions {
  /** Whether lines that bring no detected_level get the one that is derived for them. */
  readonly detectsLevel: boolean;
  /** What the query needs of what parsers find. Default: all of it. */
  readonly hints?: ParserHints;
}

export class Line {
  readonly labels: LineLabels;
  timeNs = 0n;
  readonly #detectsLevel: boolean;
  #stream = Labels.EMPTY;
  #bytes: Uint8Array | undefined = undefined;
  #text: string | undefined;

  constructor({ detectsLevel, hints }: LineOptions = { detectsLevel: false }) {
    this.labels = new LineLabels(hints);
    this.#detectsLevel = detectsLevel;
  }

  setStream(labels: Labels): void {
    this.#stream = labels;
    this.labels.setStream(labels);
  }

  reset(timeNs: bigint, bytes: Uint8Array, metadata: LineMetadata | undefined): void {
    this.timeNs = timeNs;
    this.#bytes = bytes;
    this.#text = undefined;
    const level = this.#detectsLevel ? detectLevel(this.#stream, metadata, bytes) : undefined;
    this.labels.reset(level === undefined ? metadata : [...(metadata ?? []), LEVEL_LABEL, level]);
  }

  get bytes(): Uint8Array {
    this.#bytes ??= encoder.encode(this.#text);
    return this.#bytes;
  }

  /** UTF-8 decoded; what is none becomes U+FFFD. */
  get text(): string {
    this.#text ??= decodeText(this.#bytes!);
    return this.#text;
  }

  set text(text: string) {
    this.#text = text;
    this.#bytes = undefined;
  }
}

/** Buffer's decoder is the fastest for short texts, and shared memory is no hindrance to it. */
export function decodeText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
