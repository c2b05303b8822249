/** Parameters that narrow a listing of series, names or values. */
import type { Matcher } from "@binnacle/model";
import { readLimit, readTimeMs } from "./params.ts";
import { readSelector } from "./selectors.ts";

/** Times before any sample and after any: what a listing without bounds covers. */
export const BEGINNING_MS = -8_640_000_000_000_000;
export const END_MS = 8_640_000_000_000_000;

export interface ListingParams {
  readonly start?: string;
  readonly end?: string;
  readonly limit?: string;
  readonly "match[]"?: readonly string[];
}

export interface Listing {
  readonly startMs: number;
  readonly endMs: number;
  readonly selectors: readonly (readonly Matcher[])[];
  readonly limit: number | undefined;
}

/** Throws BAD_PARAMETER. */
export function readListingParams(params: ListingParams, features: ReadonlySet<string>): Listing {
  return {
    startMs: params.start === undefined ? BEGINNING_MS : readTimeMs("start", params.start),
    endMs: params.end === undefined ? END_MS : readTimeMs("end", params.end),
    selectors: (params["match[]"] ?? []).map((text) => readSelector("match[]", text, features)),
    limit: readLimit("limit", params.limit),
  };
}
