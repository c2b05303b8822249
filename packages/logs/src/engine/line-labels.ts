/**
 * The labels of one line on its way through a pipeline: those of its stream, its structured metadata, what
 * parsers found, and the line's error.
 *
 * Where names clash, the stream's label keeps the name, before metadata, before what was parsed; the loser
 * goes to `<name>_extracted`, where what was parsed comes before metadata.
 */
import { compareText, Labels, type LineMetadata } from "@binnacle/model";
import { NO_HINTS, type ParserHints } from "./parser-hints.ts";

export const ERROR_LABEL = "__error__";
export const ERROR_DETAILS_LABEL = "__error_details__";
const PRESERVE_ERROR_LABEL = "__preserve_error__";

export type ErrorKind =
  | "JSONParserErr"
  | "LogfmtParserErr"
  | "SampleExtractionErr"
  | "LabelFilterErr"
  | "TemplateFormatErr";

export type LabelSource = "stream" | "metadata" | "parsed";

interface Entry {
  readonly value: string;
  readonly source: LabelSource;
}

/** Result label sets remembered by one LineLabels; many lines of a stream end with the same. */
const REMEMBERED_MAX = 10_000;

export class LineLabels {
  readonly #hints: ParserHints;
  /** Those of the required labels that the line has got by now. */
  readonly #found = new Set<string>();
  #stream = Labels.EMPTY;
  #base: ReadonlyMap<string, Entry> = new Map();
  /** The line's own, copied from the stream's at the first change. */
  #own: Map<string, Entry> | undefined;
  #error: ErrorKind | undefined;
  #errorDetails = "";
  #remembered = new Map<string, Labels>();
  /** By the values of the names asked for, which are the same for all lines of a query. */
  readonly #projected = new Map<string, Labels>();

  constructor(hints: ParserHints = NO_HINTS) {
    this.#hints = hints;
  }

  /** Whether a parser may leave the line alone: nobody needs what it could find. */
  get isComplete(): boolean {
    const { needsNone, required } = this.#hints;
    return needsNone || (required !== undefined && this.#found.size === required.size);
  }

  /** Begins a stream. */
  setStream(labels: Labels): void {
    this.#stream = labels;
    const base = new Map<string, Entry>();
    for (const [name, value] of labels.entries()) base.set(name, { value, source: "stream" });
    this.#base = base;
    this.#remembered = new Map();
    this.reset(undefined);
  }

  /** Begins a line. */
  reset(metadata: LineMetadata | undefined): void {
    this.#own = undefined;
    this.#error = undefined;
    this.#errorDetails = "";
    this.#found.clear();
    if (metadata === undefined) return;
    for (let i = 0; i < metadata.length; i += 2) {
      const name = metadata[i]!;
      const value = metadata[i + 1]!;
      this.#write(this.#base.has(name) ? `${name}_extracted` : name, { value, source: "metadata" });
    }
  }

  #entries(): ReadonlyMap<string, Entry> {
    return this.#own ?? this.#base;
  }

  #write(name: string, entry: Entry): void {
    this.#own ??= new Map(this.#base);
    this.#own.set(name, entry);
  }

  /** Undefined where the line has no such label; an empty value is a value. */
  get(name: string): string | undefined {
    if (name === ERROR_LABEL) return this.#error;
    if (name === ERROR_DETAILS_LABEL) return this.#error === undefined ? undefined : this.#errorDetails;
    return this.#entries().get(name)?.value;
  }

  /** Sets what a parser found. What an earlier one found under the name stays. */
  setParsed(name: string, value: string): void {
    const target = this.#parsedName(name);
    const { required } = this.#hints;
    if (required !== undefined && !required.has(target)) return;
    if (this.#entries().get(target)?.source === "parsed") return;
    this.set(target, value);
  }

  /** Sets what an expression of a parser asked for by name, whatever an earlier parser found. */
  setExtracted(name: string, value: string): void {
    this.set(this.#parsedName(name), value);
  }

  #parsedName(name: string): string {
    const source = this.#entries().get(name)?.source;
    return source === undefined || source === "parsed" ? name : `${name}_extracted`;
  }

  /** Sets a label whatever it was, as label_format does. */
  set(name: string, value: string): void {
    if (this.#hints.required?.has(name) === true) this.#found.add(name);
    this.#write(name, { value, source: "parsed" });
  }

  delete(name: string): void {
    if (name === ERROR_LABEL) this.#error = undefined;
    else if (name === ERROR_DETAILS_LABEL) this.#errorDetails = "";
    else if (this.#entries().has(name)) {
      this.#own ??= new Map(this.#base);
      this.#own.delete(name);
    }
  }

  get names(): IterableIterator<string> {
    return this.#entries().keys();
  }

  get hasError(): boolean {
    return this.#error !== undefined;
  }

  /** The error of a stage that could not do its work: it takes the place of an earlier one. */
  setError(kind: ErrorKind, details: string): void {
    this.#error = kind;
    this.#errorDetails = details;
    if (this.#hints.keepsErrors) this.#write(PRESERVE_ERROR_LABEL, { value: "true", source: "parsed" });
  }

  /** What templates see. */
  toMap(): Map<string, string> {
    const map = new Map<string, string>();
    for (const [name, { value }] of this.#entries()) map.set(name, value);
    if (this.#error === undefined) return map;
    const error = this.#errorPairs();
    for (let i = 0; i < error.length; i += 2) map.set(error[i]!, error[i + 1]!);
    return map;
  }

  /** name, value, … of one source, for answers that tell them apart. */
  pairsOf(source: LabelSource): string[] {
    const pairs: string[] = [];
    for (const [name, entry] of this.#entries()) if (entry.source === source) pairs.push(name, entry.value);
    if (source === "parsed" && this.#error !== undefined) pairs.push(...this.#errorPairs());
    return pairs;
  }

  #errorPairs(): string[] {
    const pairs = [ERROR_LABEL, this.#error!];
    if (this.#errorDetails !== "") pairs.push(ERROR_DETAILS_LABEL, this.#errorDetails);
    return pairs;
  }

  /** Only the named labels of what the line ends with. */
  project(names: readonly string[]): Labels {
    let key = "";
    for (const name of names) {
      const value = this.get(name);
      key += value === undefined ? "-" : `${value.length}:${value}`;
    }
    let labels = this.#projected.get(key);
    if (labels === undefined) {
      labels = this.toLabels().only(new Set(names));
      if (this.#projected.size >= REMEMBERED_MAX) this.#projected.clear();
      this.#projected.set(key, labels);
    }
    return labels;
  }

  /**
   * The label set the line ends with. An empty value that a parser or label_format gave stays in it, since in
   * LogQL that is not the same as no label.
   */
  toLabels(): Labels {
    if (this.#own === undefined && this.#error === undefined) return this.#stream;
    let key = "";
    for (const [name, { value }] of this.#entries()) key += `${name.length}:${name}${value.length}:${value}`;
    if (this.#error !== undefined) key += `!${this.#error}${this.#errorDetails}`;
    const known = this.#remembered.get(key);
    if (known !== undefined) return known;
    const pairs: [string, string][] = [];
    for (const [name, { value }] of this.#entries())
      if (name !== PRESERVE_ERROR_LABEL) pairs.push([name, value]);
    if (this.#error !== undefined) {
      const error = this.#errorPairs();
      for (let i = 0; i < error.length; i += 2) pairs.push([error[i]!, error[i + 1]!]);
    }
    pairs.sort((a, b) => compareText(a[0], b[0]));
    const labels = Labels.fromSortedPairs(pairs.flat());
    if (this.#remembered.size >= REMEMBERED_MAX) this.#remembered.clear();
    this.#remembered.set(key, labels);
    return labels;
  }
}
