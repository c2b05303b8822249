/**
 * One column of variables: the values of one slot of one template within a block. They are words: without
 * separators, so a line feed can stand between them. What all values begin with is kept once; the rest
 * takes the way that promises to be smallest:
 *
 *     constant    nothing more
 *     planes      whole numbers less the least, each byte of them in a plane of its own
 *     deltas      the steps between whole numbers, zigzag varints
 *     dictionary  numbers of up to 256 values
 *     fixed       values of one length, end to end
 *     text        values with a line feed after each
 *     whole       lines that have no template: their lengths as varints, then their bytes
 *
 * Numbers have no leading zeros (width 0) or all the same number of digits (width). A header says which
 * way and with what bounds, so that a search can often pass a column by without its payload.
 */
import { type ByteReader, corrupt } from "../bytes.ts";
import { isDigitByte } from "./template-table.ts";

export const CONSTANT = 0;
export const PLANES = 1;
export const DELTAS = 2;
export const DICTIONARY = 3;
export const FIXED = 4;
export const TEXT = 5;
export const WHOLE = 6;

export interface ColumnHeader {
  readonly kind: number;
  /** What every value begins with. */
  readonly prefix: Uint8Array;
  /** PLANES, DELTAS: digits of each number, 0 for as many as it needs. FIXED: bytes of each rest. */
  readonly width: number;
  /** PLANES: the least number, and how many planes there are. */
  readonly least: number;
  readonly planes: number;
  /** FIXED, TEXT, DICTIONARY, WHOLE: which bytes occur in the rests, see maskOf. */
  readonly mask: number;
  readonly payloadBytes: number;
}

/** Digits of a number at most: a double holds all of so many. */
export const DIGITS_MAX = 15;

/** Bits for bytes that may occur: digits, each letter whatever its case, all else. */
export function maskOf(bytes: Uint8Array, from: number, to: number): number {
  let mask = 0;
  for (let i = from; i < to; i++) mask |= MASKS[bytes[i]!]!;
  return mask;
}

const MASKS = Uint32Array.from({ length: 256 }, (_, byte) => {
  if (isDigitByte(byte)) return 1;
  const letter = (byte | 0x20) - 0x61;
  return letter >= 0 && letter < 26 && byte < 0x80 ? 2 << letter : 1 << 28;
});

export function readColumnHeader(reader: ByteReader, what: string): ColumnHeader {
  const kind = reader.u8();
  const prefix = reader.bytes(reader.varint()).slice();
  let width = 0;
  let least = 0;
  let planes = 0;
  let mask = 0;
  let payloadBytes = 0;
  if (kind === PLANES || kind === DELTAS || kind === FIXED) width = reader.varint();
  if (kind === PLANES) {
    least = reader.varint();
    planes = reader.u8();
  }
  if (kind === FIXED || kind === TEXT || kind === DICTIONARY || kind === WHOLE) mask = reader.u32();
  if (
    kind > WHOLE ||
    planes > 7 ||
    (kind === FIXED && width === 0) ||
    (kind !== FIXED && width > DIGITS_MAX)
  ) {
    throw corrupt(what, `column of kind ${kind}, width ${width}, ${planes} planes`);
  }
  if (kind !== CONSTANT) payloadBytes = reader.varint();
  return { kind, prefix, width, least, planes, mask, payloadBytes };
}

/** What skimColumnHeader found; the same object each time. */
const skimmed = { mask: 0, payloadBytes: 0 };

/**
 * Passes a header by without making an object of it. Answers the bytes that the column's values may have
 * (see maskOf), prefix included, and the bytes of its payload; valid until the next call.
 */
export function skimColumnHeader(
  reader: ByteReader,
  bytes: Uint8Array,
  what: string,
): { readonly mask: number; readonly payloadBytes: number } {
  const kind = reader.u8();
  const prefixBytes = reader.varint();
  const from = reader.at;
  reader.skip(prefixBytes);
  let mask = maskOf(bytes, from, from + prefixBytes);
  let payloadBytes = 0;
  if (kind !== CONSTANT) {
    if (kind > WHOLE) throw corrupt(what, `column of kind ${kind}`);
    if (kind === PLANES || kind === DELTAS || kind === FIXED) reader.varint();
    if (kind === PLANES) {
      reader.varint();
      reader.u8();
      mask |= 1;
    } else if (kind === DELTAS) mask |= 1;
    else mask |= reader.u32();
    payloadBytes = reader.varint();
  }
  skimmed.mask = mask;
  skimmed.payloadBytes = payloadBytes;
  return skimmed;
}
