/**
 * What was found damaged in a block or a journal: it is skipped, said and counted, and costs what stood
 * there.
 */
import { BinnacleError } from "@binnacle/model";
import type { SectionName } from "./footer.ts";

export interface Damage {
  readonly path: string;
  readonly part: SectionName | "header" | "trailer" | "footer" | "journal";
  /** With file, place and what is wrong. */
  readonly message: string;
}

/** Hears of each damaged place once for each time its file is opened. */
export type DamageSink = (damage: Damage) => void;

export function isCorrupt(error: unknown): error is BinnacleError {
  return error instanceof BinnacleError && error.code === "CORRUPT_DATA";
}
