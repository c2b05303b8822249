/** `| distinct` and `| sort`: what is done to the lines of an answer together. */
import { Buffer } from "node:buffer";
import type { Labels, QueryContext } from "@binnacle/model";
import type { ContextStage, ArrangingStage, SortStage } from "../parser/ast.ts";
import type { LogEntry } from "./log-entry.ts";
import { parseGoFloat } from "./quantities.ts";

export interface ArrangedLine {
  readonly labels: Labels;
  readonly entry: LogEntry;
}

interface Held extends ArrangedLine {
  /** Of two at one time the one that was added first comes first. */
  readonly order: number;
}

export interface LineArrangerOptions {
  /** At least one. */
  readonly stages: readonly Exclude<ArrangingStage, ContextStage>[];
  readonly isBackward: boolean;
  /** Lines of the answer. */
  readonly limit: number;
}

/** Bytes of an entry beside its line, roughly. */
const ENTRY_BYTES = 250;
/** Lines held beyond twice the limit before those that cannot be in the answer are let go. */
const SLACK = 1000;
/** The name under which a line's text is sorted by. */
const LINE_KEY = "__line__";

export class LineArranger {
  readonly #options: LineArrangerOptions;
  readonly #context: QueryContext;
  /** Where the first stage is distinct: what it keeps. */
  readonly #distinct = new Map<string, Held>();
  #held: Held[] = [];
  #added = 0;

  constructor(options: LineArrangerOptions, context: QueryContext) {
    this.#options = options;
    this.#context = context;
  }

  /**
   * Takes lines in any order; those of one time in theirs. Throws LIMIT_EXCEEDED when they are too many to
   * hold.
   */
  add(labels: Labels, entry: LogEntry): void {
    const held: Held = { labels, entry, order: this.#added++ };
    const [first, ...others] = this.#options.stages;
    if (first!.kind === "distinct") {
      const key = distinctKey(held, first!.labels);
      const known = this.#distinct.get(key);
      if (known !== undefined && this.#compareTimes(known, held) <= 0) return;
      this.#charge(held);
      if (known !== undefined) this.#release(known);
      this.#distinct.set(key, held);
      return;
    }
    this.#charge(held);
    this.#held.push(held);
    const { limit } = this.#options;
    if (others.length === 0 && this.#held.length > 2 * limit + SLACK) {
      this.#sort(this.#held, first!);
      for (const dropped of this.#held.splice(limit)) this.#release(dropped);
    }
  }

  /** In the order of the answer. */
  finish(): ArrangedLine[] {
    const { stages, limit } = this.#options;
    let lines = [...this.#distinct.values(), ...this.#held].sort((a, b) => this.#compareTimes(a, b));
    for (const stage of stages) {
      if (stage.kind === "sort") this.#sort(lines, stage);
      else lines = keepFirst(lines, (line) => distinctKey(line, stage.labels));
    }
    return lines.slice(0, limit);
  }

  #sort(lines: Held[], { keys }: SortStage): void {
    const compares = keys.length === 0 ? [{ label: LINE_KEY, isDescending: false }] : keys;
    lines.sort((a, b) => {
      for (const { label, isDescending } of compares) {
        const order = compareValues(valueOf(a, label), valueOf(b, label));
        if (order !== 0) return isDescending ? -order : order;
      }
      return this.#compareTimes(a, b);
    });
  }

  #compareTimes(a: Held, b: Held): number {
    const x = a.entry.timeNs;
    const y = b.entry.timeNs;
    if (x === y) return a.order - b.order;
    return x < y === this.#options.isBackward ? 1 : -1;
  }

  #charge({ entry }: Held): void {
    this.#context.chargeBytes(entry.line.length + ENTRY_BYTES);
  }

  #release({ entry }: Held): void {
    this.#context.release({ bytes: entry.line.length + ENTRY_BYTES });
  }
}

function keepFirst(lines: readonly Held[], keyOf: (line: Held) => string): Held[] {
  const seen = new Set<string>();
  return lines.filter((line) => {
    const key = keyOf(line);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** A label that a line has not counts as an empty one. */
function distinctKey(line: Held, labels: readonly string[]): string {
  if (labels.length === 0) return Buffer.from(line.entry.line).toString("latin1");
  return labels
    .map((name) => line.labels.get(name))
    .reduce((key, value) => `${key}${value.length}:${value}`, "");
}

function valueOf({ labels, entry }: Held, name: string): string {
  return name === LINE_KEY ? Buffer.from(entry.line).toString("utf8") : labels.get(name);
}

/** Numbers by their size and before all else, texts by their characters. */
function compareValues(a: string, b: string): number {
  const x = parseGoFloat(a);
  const y = parseGoFloat(b);
  if (x !== undefined && y !== undefined && x !== y) return x < y ? -1 : 1;
  if ((x === undefined) !== (y === undefined)) return x === undefined ? 1 : -1;
  return a < b ? -1 : Number(a > b);
}
