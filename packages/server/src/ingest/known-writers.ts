/**
 * What the receiver of remote write remembers of each series that it has seen: its ref in the store, and the
 * group of its sender, so that a series that comes again costs two look-ups in arrays.
 */
import {
  BinnacleError,
  GROUP_NAME_LENGTH_MAX,
  type Labels,
  type MetricSink,
  type SeriesRef,
} from "@binnacle/model";
import { NO_SERIES_NUMBER, type DecodedWrite } from "@binnacle/wire";
import { WRITE_GROUPS_MAX } from "../limits.ts";

/** A request's series as the store knows them. All arrays are parallel to the request's series. */
export interface ResolvedSeries {
  readonly refs: Uint32Array;
  /** Index into `groupNames`; NO_GROUP where the store did not take the series. Good until the next call. */
  readonly groups: Uint32Array;
  readonly groupNames: readonly string[];
  /** Whether no ref comes twice. */
  readonly isDistinct: boolean;
  /** Why series were not taken, each for its own reason. */
  readonly refusals: readonly string[];
}

/** Of a series that the store did not take. */
export const NO_GROUP = 0xffffffff;

const CAPACITY_FIRST = 1024;

export class KnownWriters {
  readonly #sink: MetricSink;
  #epoch = 0;
  /** By the decoder's number of a series. */
  #refs = new Uint32Array(CAPACITY_FIRST);
  /** Group + 1; 0 where the number is not known. */
  #groups = new Uint32Array(CAPACITY_FIRST);
  readonly #seen = new RefSet();
  #groupsRoom = new Uint32Array(CAPACITY_FIRST);
  readonly #groupIds = new Map<string, number>();
  readonly #groupNames: string[] = [];

  constructor(sink: MetricSink) {
    this.#sink = sink;
  }

  /** `refsRoom` is memory for the refs, if it is long enough. */
  resolve(
    request: Pick<DecodedWrite, "labelsAt" | "seriesNumbers" | "numbersEpoch">,
    refsRoom: Uint32Array<ArrayBuffer> = new Uint32Array(0),
  ): ResolvedSeries {
    const isFull = this.#groupNames.length >= WRITE_GROUPS_MAX;
    if (isFull || request.numbersEpoch !== this.#epoch) this.#forget(request.numbersEpoch);
    const numbers = request.seriesNumbers;
    const count = numbers.length;
    const refs = count <= refsRoom.length ? refsRoom.subarray(0, count) : new Uint32Array(count);
    if (this.#groupsRoom.length < count) this.#groupsRoom = new Uint32Array(2 * count);
    const groups = this.#groupsRoom.subarray(0, count);
    const refusals: string[] = [];
    let isDistinct = true;
    this.#seen.clear(numbers.length);
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i]!;
      if (number < this.#groups.length && this.#groups[number] !== 0) {
        refs[i] = this.#refs[number]!;
        groups[i] = this.#groups[number]! - 1;
      } else {
        const refusal = this.#register(request.labelsAt(i), number, i, { refs, groups });
        if (refusal !== undefined) {
          refusals.push(refusal);
          continue;
        }
      }
      // Two numbers may stand for one label set, written differently: so refs are looked at.
      if (!this.#seen.add(refs[i]!)) isDistinct = false;
    }
    return { refs, groups, groupNames: this.#groupNames, isDistinct, refusals };
  }

  /** Forgets series that the store knows no more, so that they are registered anew. */
  forgetRefs(gone: ReadonlySet<SeriesRef>): void {
    for (let number = 0; number < this.#refs.length; number++) {
      if (this.#groups[number] !== 0 && gone.has(this.#refs[number]!)) this.#groups[number] = 0;
    }
  }

  /** Registers series `i`; what the store has against it, if anything. */
  #register(
    labels: Labels,
    number: number,
    i: number,
    into: { refs: Uint32Array; groups: Uint32Array },
  ): string | undefined {
    let ref: SeriesRef;
    try {
      ref = this.#sink.series(labels);
    } catch (error) {
      if (!(error instanceof BinnacleError)) throw error;
      into.groups[i] = NO_GROUP;
      return error.message;
    }
    const group = this.#groupOf(labels);
    into.refs[i] = ref;
    into.groups[i] = group;
    if (number === NO_SERIES_NUMBER) return undefined;
    if (number >= this.#refs.length) this.#grow(number + 1);
    this.#refs[number] = ref;
    this.#groups[number] = group + 1;
    return undefined;
  }

  #groupOf(labels: Labels): number {
    const name = `write/${labels.get("job")}/${labels.get("instance")}`.slice(0, GROUP_NAME_LENGTH_MAX);
    let group = this.#groupIds.get(name);
    if (group === undefined) {
      group = this.#groupNames.push(name) - 1;
      this.#groupIds.set(name, group);
    }
    return group;
  }

  #grow(length: number): void {
    const grown = (array: Uint32Array): Uint32Array<ArrayBuffer> => {
      const larger = new Uint32Array(Math.max(length, 2 * array.length));
      larger.set(array);
      return larger;
    };
    this.#refs = grown(this.#refs);
    this.#groups = grown(this.#groups);
  }

  #forget(epoch: number): void {
    this.#epoch = epoch;
    this.#groups.fill(0);
    this.#groupIds.clear();
    this.#groupNames.length = 0;
  }
}

/** A set of refs that is emptied at no cost: an entry counts when it has the stamp of the present round. */
class RefSet {
  #refs = new Uint32Array(CAPACITY_FIRST);
  #stamps = new Uint32Array(CAPACITY_FIRST);
  #stamp = 0;

  /** Makes it empty, with room for `count`. */
  clear(count: number): void {
    let capacity = this.#refs.length;
    while (capacity < 2 * count) capacity *= 2;
    const isSpent = this.#stamp === 0xffffffff;
    if (capacity > this.#refs.length || isSpent) {
      this.#refs = new Uint32Array(capacity);
      this.#stamps = new Uint32Array(capacity);
      this.#stamp = 0;
    }
    this.#stamp++;
  }

  /** False when it was in already. */
  add(ref: SeriesRef): boolean {
    const mask = this.#refs.length - 1;
    let at = Math.imul(ref, 0x9e3779b1) >>> 7;
    for (at &= mask; this.#stamps[at] === this.#stamp; at = (at + 1) & mask) {
      if (this.#refs[at] === ref) return false;
    }
    this.#stamps[at] = this.#stamp;
    this.#refs[at] = ref;
    return true;
  }
}
