/**
 * Parses one target's exposition texts, one after the other, each with the last one as its guide
 * (scrape-run.ts), and numbers the target's series.
 */
import { BinnacleError, type MetricMetadata } from "@binnacle/model";
import { BODY_BYTES_MAX } from "../limits.ts";
import type { Dialect } from "./content-type.ts";
import { beginTable, emptyTable } from "./line-tables.ts";
import { MetadataTable } from "./metadata.ts";
import { type NewSeries, ScrapeRun, type SlotExemplar } from "./scrape-run.ts";
import { SlotTable } from "./slots.ts";

/**
 * What one text holds. Arrays are the parser's own and hold until its next parse; `slots` stays as it is for
 * good.
 */
export interface ParsedScrape {
  /**
   * The series of each sample, in the order of the text. The same array object as last time while the same
   * series come in the same order. A slot is there twice only where the text gives it twice with a time.
   */
  readonly slots: Uint32Array;
  /** Grows by one whenever `slots` is another array. */
  readonly layoutVersion: number;
  /** Parallel to `slots`. */
  readonly values: Float64Array;
  /** Parallel to `slots`: Unix ms, NaN = none. Undefined where no sample has a time. */
  readonly times: Float64Array | undefined;
  /** Labels of the slots that were given out by this parse. A slot that was freed may be given out again. */
  readonly newSeries: readonly NewSeries[];
  /** Slots that the last successful parse had and this one has not. */
  readonly goneSlots: readonly number[];
  /** What is new or different of metrics' types, helps and units. */
  readonly metadata: readonly MetricMetadata[];
  /** Exemplars of lines that are not the same as last time. */
  readonly exemplars: readonly SlotExemplar[];
  /** Samples that were dropped because their series was there before and neither has a time of its own. */
  readonly duplicates: number;
}

export interface ParseOptions {
  readonly dialect: Dialect;
}

export class ScrapeParser {
  readonly #slotTable = new SlotTable();
  readonly #metadata = new MetadataTable();
  #guide = emptyTable();
  #next = emptyTable();
  #guideDialect: Dialect | undefined;
  #slots: Uint32Array = new Uint32Array(0);
  #layoutVersion = 0;
  #parses = 0;

  /**
   * Parses a text. Throws BAD_EXPOSITION with line and column at the first mistake, and BODY_TOO_LARGE; what
   * was parsed last then still is the guide. The bytes are copied.
   */
  parse(bytes: Uint8Array, options: ParseOptions): ParsedScrape {
    if (bytes.length > BODY_BYTES_MAX) {
      throw new BinnacleError(
        "BODY_TOO_LARGE",
        `an exposition of ${bytes.length} bytes is over the limit of ${BODY_BYTES_MAX} (BODY_BYTES_MAX)`,
      );
    }
    const { dialect } = options;
    // Times are written differently: a text of one dialect is no guide to the other.
    const guide = this.#guideDialect === dialect ? this.#guide : emptyTable();
    const next = this.#next;
    beginTable(next, bytes);
    const run = new ScrapeRun({
      dialect,
      guide,
      next,
      guideSlots: guide === this.#guide ? this.#slots : new Uint32Array(0),
      slotTable: this.#slotTable,
      metadata: this.#metadata,
      parse: ++this.#parses,
    });
    run.parse();

    this.#next = this.#guide;
    this.#guide = next;
    this.#guideDialect = dialect;
    const goneSlots = this.#changeLayout(run);
    return {
      slots: this.#slots,
      layoutVersion: this.#layoutVersion,
      values: next.values.subarray(0, next.sampleCount),
      times: next.times?.subarray(0, next.sampleCount),
      newSeries: run.newSeries,
      goneSlots,
      metadata: this.#metadata.takeChanged(),
      exemplars: run.exemplars,
      duplicates: run.duplicates,
    };
  }

  /** Takes over the slots of a text, and answers those that it no longer has. */
  #changeLayout(run: ScrapeRun): number[] {
    const gone: number[] = [];
    const slots = run.takeSlots();
    if (!isSame(slots, this.#slots)) {
      for (const slot of slots) this.#slotTable.see(slot, this.#parses);
      for (const slot of this.#slots) {
        // Seeing it once gives a slot that was there twice only once.
        if (!this.#slotTable.see(slot, this.#parses)) gone.push(slot);
      }
      this.#slotTable.turnOver({ present: slots, gone, parse: this.#parses });
      this.#slots = slots;
      this.#layoutVersion++;
    }
    this.#slotTable.freeIdle(this.#parses);
    return gone;
  }
}

function isSame(a: Uint32Array, b: Uint32Array): boolean {
  return a === b || (a.length === b.length && Buffer.compare(asBytes(a), asBytes(b)) === 0);
}

function asBytes(array: Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
