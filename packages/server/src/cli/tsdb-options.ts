/** What the flags of `binnacle tsdb` say. Times are Unix ms. */

export interface DataOption {
  readonly data: string;
}

export interface DumpOptions extends DataOption {
  readonly match: readonly string[];
  readonly minTime?: number;
  readonly maxTime?: number;
}
