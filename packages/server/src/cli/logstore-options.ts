/** What the flags of `binnacle logstore` say. Times are Unix ms. */

export interface DataOption {
  readonly data: string;
}

export type DumpFormat = "exact" | "lines" | "json";

export interface DumpLogsOptions extends DataOption {
  readonly match: readonly string[];
  readonly minTime?: number;
  readonly maxTime?: number;
  readonly format: DumpFormat;
}

export interface ImportLogsOptions extends DataOption {
  /** name=value of each label that lines of a plain text get. */
  readonly label: readonly string[];
  /** Of JSON documents; as the API's parameters of these names. */
  readonly streamFields?: string;
  readonly timeField?: string;
  readonly lineField?: string;
}
