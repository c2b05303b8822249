/**
 * Orders text as its UTF-8 bytes would be ordered, which is what Prometheus and Loki sort by.
 *
 * UTF-16 code units give the same order but for one case: a surrogate (0xd800..0xdfff, a character past
 * U+FFFF) must come after 0xe000..0xffff. So only the first differing unit matters, and only when one is a
 * surrogate.
 */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
