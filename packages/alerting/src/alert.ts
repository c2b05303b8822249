/** An alert as rules tell of it and as notifications are made of it. */
import type { Labels } from "@binnacle/model";

export interface Alert {
  /** Its identity. `alertname` among them. */
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Unix ms at which it fired. */
  readonly startsAtMs: number;
  /**
   * Unix ms at which it is resolved: in the future while it fires, unless somebody says otherwise until then.
   */
  readonly endsAtMs: number;
  /** Where its expression can be looked at. */
  readonly generatorUrl: string;
}

export function isResolved(alert: { readonly endsAtMs: number }, nowMs: number): boolean {
  return alert.endsAtMs <= nowMs;
}

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;
const SEPARATOR = 0xff;

/** FNV-1a of 64 bits over bytes. */
export function fnv1a(bytes: Iterable<number>): bigint {
  let hash = FNV_OFFSET;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  return hash;
}

/** A label set's fingerprint as Alertmanager computes it: 16 hexadecimal digits. */
export function fingerprint(labels: Labels): string {
  const bytes: number[] = [];
  for (const part of labels.pairs) bytes.push(...Buffer.from(part, "utf8"), SEPARATOR);
  return fnv1a(bytes).toString(16).padStart(16, "0");
}
