// Search of a literal, sixteen places at a time: a place is a candidate where both the first and the last
// byte of the literal stand, which in text is rare enough that comparing the rest costs nothing.
//
// Occurrences do not overlap: the search goes on behind the one it found. Both functions may read up to 15
// bytes past the text's end, so the wrapper keeps 16 bytes of memory behind it; what they hold does not
// matter.

/** Whether `length` bytes are the same. */
export function sameBytes(a: usize, b: usize, length: usize): bool {
  let i: usize = 0;
  for (; i + 16 <= length; i += 16) {
    if (v128.any_true(v128.xor(v128.load(a + i), v128.load(b + i)))) return false;
  }
  for (; i < length; i++) {
    if (load<u8>(a + i) != load<u8>(b + i)) return false;
  }
  return true;
}

/** How often the literal stands in [text, textEnd). */
export function countLiteral(text: usize, textEnd: usize, literal: usize, length: usize): u32 {
  return search(text, textEnd, literal, length, 0);
}

/**
 * Writes the offset from `text` of each occurrence to `offsets` (u32), and answers how many there are. There
 * must be room for (textEnd − text) / length of them.
 */
export function findLiteral(text: usize, textEnd: usize, literal: usize, length: usize, offsets: usize): u32 {
  return search(text, textEnd, literal, length, offsets);
}

function search(text: usize, textEnd: usize, literal: usize, length: usize, offsets: usize): u32 {
  if (textEnd < text + length) return 0;
  const first = i8x16.splat(load<i8>(literal));
  const last = i8x16.splat(load<i8>(literal + length - 1));
  const lastPlace = textEnd - length;
  let count: u32 = 0;
  let free = text;
  for (let at = text; at <= lastPlace; at += 16) {
    const isFirst = i8x16.eq(v128.load(at), first);
    const isLast = i8x16.eq(v128.load(at + length - 1), last);
    let mask = <u32>i8x16.bitmask(v128.and(isFirst, isLast));
    while (mask != 0) {
      const place = at + ctz(mask);
      mask &= mask - 1;
      if (place > lastPlace) break;
      if (place < free || !sameBytes(place, literal, length)) continue;
      if (offsets != 0) store<u32>(offsets + ((<usize>count) << 2), <u32>(place - text));
      count++;
      free = place + length;
    }
  }
  return count;
}
