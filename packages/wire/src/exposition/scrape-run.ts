/**
 * The parse of one exposition text with an earlier one as the guide.
 *
 *      guide   # HELP a …  a{x="1"} 5     a{x="2"} 7     b 1
 *      text    # HELP a …  a{x="1"} 6     a{x="3"} 1     b 1
 *                   └─ kernel ──┘            └ here       └ kernel
 *
 * The kernel takes the lines that stand where they stood and differ at most in their number. Any other line
 * is read in full here, its series looked up by its bytes, and the kernel goes on: behind the line's place in
 * the guide where it has one, else where it stopped. So a scrape costs what has changed since the last one.
 */
import { ALWAYS_READ, GuidedWalk, type LineTable, SLOW_SAMPLE } from "@binnacle/kernels";
import type { Labels } from "@binnacle/model";
import { normalizeBounds } from "./bounds.ts";
import type { Dialect } from "./content-type.ts";
import { LineCursor } from "./cursor.ts";
import { Line, type LineExemplar, readLine } from "./line.ts";
import { appendLine, appendSample, hasSample, reserveLines } from "./line-tables.ts";
import type { MetadataTable } from "./metadata.ts";
import { readSeries } from "./series.ts";
import type { SlotTable } from "./slots.ts";

export interface NewSeries {
  readonly slot: number;
  readonly labels: Labels;
}

export interface SlotExemplar extends LineExemplar {
  readonly slot: number;
}

export interface ScrapeRunOptions {
  readonly dialect: Dialect;
  readonly guide: LineTable;
  /** Emptied, with the text to parse. */
  readonly next: LineTable;
  /** Slots of the guide's samples. */
  readonly guideSlots: Uint32Array;
  readonly slotTable: SlotTable;
  readonly metadata: MetadataTable;
  /** The number of this parse, for marking slots. */
  readonly parse: number;
}

export class ScrapeRun {
  readonly newSeries: NewSeries[] = [];
  readonly exemplars: SlotExemplar[] = [];
  /** Samples that were dropped. */
  duplicates = 0;
  readonly #options: ScrapeRunOptions;
  readonly #walk: GuidedWalk;
  readonly #cursor: LineCursor;
  readonly #line = new Line();
  /** Slots of the samples so far; undefined while they are the guide's own. */
  #slots: Uint32Array | undefined;
  /** By slot: its line in the guide plus one, or 0. Made when it is first asked for. */
  #guideLines: Uint32Array | undefined;

  constructor(options: ScrapeRunOptions) {
    this.#options = options;
    const { guide, next, dialect } = options;
    this.#walk = new GuidedWalk(guide, next, { timesAreMs: dialect === "text" });
    this.#cursor = new LineCursor(Buffer.from(next.text.buffer, next.text.byteOffset, next.text.byteLength));
  }

  /** Fills the table. Throws BAD_EXPOSITION; then the slots that were given out are taken back. */
  parse(): void {
    const { next, dialect, slotTable } = this.#options;
    try {
      while (this.#walk.textAt < next.text.length) {
        this.#followGuide();
        if (this.#walk.textAt < next.text.length) this.#readLine();
      }
      if (dialect === "openmetrics" && !this.#hasEnded()) {
        this.#cursor.moveTo(next.text.length, next.lineCount + 1);
        this.#cursor.fail("# EOF");
      }
    } catch (error) {
      for (const { slot } of this.newSeries) slotTable.remove(slot);
      throw error;
    }
  }

  /** The slots of the text's samples: the guide's own array where they are the same. */
  takeSlots(): Uint32Array {
    const { guideSlots, next } = this.#options;
    const slots = this.#slots ?? guideSlots;
    return slots.length === next.sampleCount ? slots : slots.slice(0, next.sampleCount);
  }

  #followGuide(): void {
    const { guide, next, guideSlots } = this.#options;
    const walk = this.#walk;
    const { guideLine, guideSample } = walk;
    if (guideLine >= guide.lineCount) return;
    reserveLines(next, guide.lineCount - guideLine);
    walk.advance();
    if (this.#slots !== undefined) {
      for (let i = guideSample; i < walk.guideSample; i++) {
        this.#pushSlot(guideSlots[i]!, next.sampleCount - walk.guideSample + i);
      }
    }
  }

  #readLine(): void {
    const { next, dialect, metadata } = this.#options;
    const cursor = this.#cursor;
    const line = this.#line;
    cursor.moveTo(this.#walk.textAt, next.lineCount + 1);
    if (dialect === "openmetrics" && this.#hasEnded()) cursor.fail("nothing behind # EOF");
    readLine(cursor, dialect, line);
    const end = cursor.next;
    if (line.kind === "sample") {
      if (!this.#takeInPlace(line, end)) this.#takeElsewhere(line, end);
    } else {
      if (line.comment !== undefined) metadata.note(line.comment);
      appendLine(next, end);
    }
    this.#walk.textAt = end;
  }

  /** Whether the sample's series is the one that the guide has next; then takes it. */
  #takeInPlace(line: Line, end: number): boolean {
    const { guide, next, guideSlots, slotTable, parse } = this.#options;
    const walk = this.#walk;
    const { guideLine, guideSample } = walk;
    const prefixLength = line.valueStart - this.#cursor.start;
    if (guideLine >= guide.lineCount) return false;
    if ((guide.prefixLengths[guideLine]! & ~SLOW_SAMPLE) !== prefixLength) return false;
    const from = guide.lineStarts[guideLine]!;
    const { text, start } = this.#cursor;
    if (text.compare(guide.text, from, from + prefixLength, start, line.valueStart) !== 0) return false;

    const slot = guideSlots[guideSample]!;
    if (this.#slots !== undefined) {
      if (slotTable.isSeen(slot, parse)) return false;
      this.#pushSlot(slot, next.sampleCount);
    }
    this.#append(line, slot, { end, prefixLength });
    walk.guideLine++;
    walk.guideSample++;
    return true;
  }

  /** Takes a sample that is not where the guide has it. */
  #takeElsewhere(line: Line, end: number): void {
    const { next, slotTable, parse } = this.#options;
    this.#leaveGuide();
    const slot = this.#slotOf(line);
    if (slotTable.isSeen(slot, parse)) {
      if (Number.isNaN(line.timeMs)) {
        this.duplicates++;
        appendLine(next, end, ALWAYS_READ);
        return;
      }
      // Another moment of the same series: always read here, since the kernel could not tell it from a
      // duplicate.
      this.#pushSlot(slot, next.sampleCount);
      this.#append(line, slot, { end, prefixLength: 0 });
      return;
    }
    this.#moveGuideBehind(slot);
    this.#pushSlot(slot, next.sampleCount);
    this.#append(line, slot, { end, prefixLength: line.valueStart - this.#cursor.start });
  }

  #append(line: Line, slot: number, place: { end: number; prefixLength: number }): void {
    const { prefixLength, end } = place;
    const { value, timeMs, exemplar } = line;
    if (exemplar !== undefined) this.exemplars.push({ slot, ...exemplar });
    const isSlow = exemplar !== undefined || prefixLength === 0;
    appendSample(this.#options.next, {
      end,
      prefixLength: isSlow ? (prefixLength | SLOW_SAMPLE) >>> 0 : prefixLength,
      value,
      timeMs,
    });
  }

  #slotOf(line: Line): number {
    const { slotTable, metadata } = this.#options;
    const cursor = this.#cursor;
    const identity = cursor.text.toString("latin1", line.seriesStart, line.seriesEnd);
    const known = slotTable.find(identity);
    if (known !== undefined) return known;
    cursor.at = line.seriesStart;
    const labels = readSeries(cursor);
    if (cursor.at !== line.seriesEnd) cursor.fail("a value");
    const slot = slotTable.add(identity);
    this.newSeries.push({
      slot,
      labels: normalizeBounds(labels, (metric) => metadata.typeOf(metric)),
    });
    return slot;
  }

  /** From here on the text's samples are no longer the guide's in the guide's order. */
  #leaveGuide(): void {
    if (this.#slots !== undefined) return;
    const { next, guide, guideSlots } = this.#options;
    this.#slots = new Uint32Array(Math.max(64, guide.sampleCount));
    for (let i = 0; i < next.sampleCount; i++) this.#pushSlot(guideSlots[i]!, i);
  }

  #pushSlot(slot: number, sample: number): void {
    const { slotTable, parse } = this.#options;
    let slots = this.#slots!;
    if (sample >= slots.length) {
      slots = new Uint32Array(2 * sample);
      slots.set(this.#slots!);
      this.#slots = slots;
    }
    slots[sample] = slot;
    slotTable.see(slot, parse);
  }

  /**
   * Where the guide has the slot further on, goes on behind it: what stands between has vanished, or stands
   * elsewhere.
   */
  #moveGuideBehind(slot: number): void {
    const { guide } = this.#options;
    const walk = this.#walk;
    this.#guideLines ??= this.#indexGuide();
    const line = (this.#guideLines[slot] ?? 0) - 1;
    if (line < walk.guideLine) return;
    for (let at = walk.guideLine; at <= line; at++) if (hasSample(guide, at)) walk.guideSample++;
    walk.guideLine = line + 1;
  }

  #indexGuide(): Uint32Array {
    const { guide, guideSlots, slotTable } = this.#options;
    const lines = new Uint32Array(slotTable.capacity);
    let sample = 0;
    for (let line = 0; line < guide.lineCount; line++) {
      if (hasSample(guide, line)) lines[guideSlots[sample++]!] = line + 1;
    }
    return lines;
  }

  /** Whether the last line taken is `# EOF`. */
  #hasEnded(): boolean {
    const { next } = this.#options;
    if (next.lineCount === 0) return false;
    const from = next.lineStarts[next.lineCount - 1]!;
    return this.#cursor.text.toString("latin1", from, next.lineStarts[next.lineCount]) === "# EOF\n";
  }
}
