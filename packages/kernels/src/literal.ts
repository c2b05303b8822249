/** Search of a literal in bytes. Occurrences do not overlap. */
import { assert } from "@binnacle/model";
import { LITERAL_BYTES_MAX, SEARCH_WINDOW_BYTES } from "./limits.ts";
import { kernelModule } from "./module.ts";

/** How often the literal stands in the text. The literal must not be empty. */
export function countLiteral(text: Uint8Array, literal: Uint8Array): number {
  let count = 0;
  search(text, literal, undefined, (found) => void (count += found));
  return count;
}

/** Where the literal stands in the text: offsets, ascending. The literal must not be empty. */
export function findLiteral(text: Uint8Array, literal: Uint8Array): Uint32Array {
  let offsets = new Uint32Array(64);
  let count = 0;
  search(text, literal, true, (found, at, window) => {
    if (count + found > offsets.length) {
      const larger = new Uint32Array(Math.max(count + found, 2 * offsets.length));
      larger.set(offsets.subarray(0, count));
      offsets = larger;
    }
    for (let i = 0; i < found; i++) offsets[count++] = window[i]! + at;
  });
  return offsets.slice(0, count);
}

/**
 * Gives, window by window, how many there are, where the window begins, and the offsets in it where they are
 * wanted.
 */
function search(
  text: Uint8Array,
  literal: Uint8Array,
  wantsOffsets: true | undefined,
  report: (found: number, at: number, offsets: Uint32Array) => void,
): void {
  assert(literal.length > 0, "a search for the empty literal");
  if (literal.length > LITERAL_BYTES_MAX) return searchPlainly(text, literal, report);
  const module = kernelModule();
  const memory = module.reserve(LITERAL_BYTES_MAX + SEARCH_WINDOW_BYTES + 16 + 4 * SEARCH_WINDOW_BYTES);
  module.holder = undefined;
  const literalAt = module.start;
  const textAt = literalAt + LITERAL_BYTES_MAX;
  const offsetsAt = textAt + SEARCH_WINDOW_BYTES + 16;
  const offsets = new Uint32Array(memory.buffer, offsetsAt, SEARCH_WINDOW_BYTES);
  memory.set(literal, literalAt);

  const { length } = literal;
  let at = 0;
  while (at + length <= text.length) {
    const end = Math.min(text.length, at + SEARCH_WINDOW_BYTES);
    memory.set(text.subarray(at, end), textAt);
    const textEnd = textAt + end - at;
    // Where the next window begins depends on the last occurrence of this one, so a count that must go on
    // needs offsets.
    const isLast = end === text.length;
    const found =
      isLast && wantsOffsets === undefined
        ? module.kernels.countLiteral(textAt, textEnd, literalAt, length)
        : module.kernels.findLiteral(textAt, textEnd, literalAt, length, offsetsAt);
    report(found, at, offsets);
    if (isLast) return;
    const behindLast = found === 0 ? 0 : at + offsets[found - 1]! + length;
    at = Math.max(end - length + 1, behindLast);
  }
}

function searchPlainly(
  text: Uint8Array,
  literal: Uint8Array,
  report: (found: number, at: number, offsets: Uint32Array) => void,
): void {
  const buffer = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  const none = new Uint32Array(1);
  for (let at = buffer.indexOf(literal); at >= 0; at = buffer.indexOf(literal, at + literal.length)) {
    report(1, at, none);
  }
}
