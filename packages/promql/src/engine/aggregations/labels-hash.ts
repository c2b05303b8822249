/** A deterministic fraction in [0, 1) for a label set, evenly spread: what limit_ratio samples by. */
import type { Labels } from "@binnacle/model";

/** FNV-1a over the UTF-16 units of the key, then a finalizer that spreads small differences over all bits. */
export function labelsFraction(labels: Labels): number {
  const key = labels.key();
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) {
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (hash >>> 0) / 2 ** 32;
}
