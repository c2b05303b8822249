// Reading of pushed log lines: times to one column, the lines' bytes end to end in another. The kernels
// take what senders write when nothing is out of the ordinary, and stop at anything else, which plain
// script takes.
//
//      protobuf   12 length entry   12 length entry   …
//      entry      0a length (08 varint of seconds, 10 varint of nanoseconds)   12 length line
//      JSON       [["1700000000000000000", "line"], …]
//
// Bytes are moved sixteen at a time, past the end of what is wanted: what comes next overwrites it.

// The words of the state block, each a u32; columns are addresses.
const AT: usize = 0; // in, out: where the next entry begins
const END: usize = 4; // where the entries, or the whole text, end
const LINES_MAX: usize = 8; // what the columns have room for
const TIMES: usize = 12; // out: i64 a line, Unix ns
const OFFSETS: usize = 16; // out: u32 a line and one more
const TEXT: usize = 20; // out: the lines' bytes; room for as many as the message has, and 16 more

const NANOSECONDS: i64 = 1_000_000_000;
/** Seconds whose nanoseconds fit 64 bits. */
const SECONDS_MAX: i64 = 9_223_372_035;

const QUOTE: u32 = 0x22;
const BACKSLASH: u32 = 0x5c;

/** Moves bytes on, sixteen at a time. */
function moveBytes(from: usize, to: usize, size: usize): void {
  for (let i: usize = 0; i < size; i += 16) v128.store(to + i, v128.load(from + i));
}

/**
 * Takes entry fields until END or another field, where AT stands afterwards. Answers the count of lines, −1
 * where an entry is not as above.
 */
export function readLokiEntries(state: usize): i32 {
  let at = <usize>load<u32>(state, AT);
  const end = <usize>load<u32>(state, END);
  const max = load<u32>(state, LINES_MAX);
  const times = <usize>load<u32>(state, TIMES);
  const offsets = <usize>load<u32>(state, OFFSETS);
  const text = <usize>load<u32>(state, TEXT);
  let to = text;
  let lines: u32 = 0;
  store<u32>(offsets, 0);
  while (at < end && <u32>load<u8>(at) == 0x12) {
    if (lines == max) return -1;
    const entry = varintEnd(at + 1, end);
    if (entry == 0) return -1;
    const entryEnd = entry + <usize>varint(at + 1);
    if (entryEnd > end) return -1;
    at = entry;
    let time: i64 = 0;
    let lineAt: usize = 0;
    let lineBytes: usize = 0;
    while (at < entryEnd) {
      const tag = <u32>load<u8>(at);
      const content = varintEnd(at + 1, entryEnd);
      if (content == 0) return -1;
      const size = <usize>varint(at + 1);
      if (size > entryEnd - content) return -1;
      if (tag == 0x12) {
        lineAt = content;
        lineBytes = size;
      } else if (tag == 0x0a) {
        let seconds: i64 = 0;
        let nanoseconds: i64 = 0;
        let part = content;
        const partsEnd = content + size;
        while (part < partsEnd) {
          const partTag = <u32>load<u8>(part);
          const partEnd = varintEnd(part + 1, partsEnd);
          if (partEnd == 0) return -1;
          if (partTag == 0x08) seconds = varint(part + 1);
          else if (partTag == 0x10) nanoseconds = varint(part + 1);
          else return -1;
          part = partEnd;
        }
        if (seconds > SECONDS_MAX || seconds < -SECONDS_MAX) return -1;
        if (nanoseconds < 0 || nanoseconds >= NANOSECONDS) return -1;
        time = seconds * NANOSECONDS + nanoseconds;
      } else return -1;
      at = content + size;
    }
    moveBytes(lineAt, to, lineBytes);
    to += lineBytes;
    store<i64>(times + ((<usize>lines) << 3), time);
    lines++;
    store<u32>(offsets + ((<usize>lines) << 2), <u32>(to - text));
  }
  store<u32>(state, <u32>at, AT);
  return <i32>lines;
}

/** Where a varint ends; 0 where that is not before `end` or it has over ten bytes. */
function varintEnd(from: usize, end: usize): usize {
  for (let i: usize = 0; i < 10 && from + i < end; i++) if (load<u8>(from + i) < 0x80) return from + i + 1;
  return 0;
}

function varint(from: usize): i64 {
  let value: i64 = 0;
  for (let i: usize = 0; i < 10; i++) {
    const byte = <i64>load<u8>(from + i);
    value |= (byte & 0x7f) << <i64>(7 * i);
    if (byte < 0x80) break;
  }
  return value;
}

/**
 * Takes a JSON list of entries that begins at AT, which stands behind its end afterwards. Answers the count
 * of lines, −1 where anything else stands there. The text must be UTF-8.
 */
export function readJsonEntries(state: usize): i32 {
  let at = <usize>load<u32>(state, AT);
  const end = <usize>load<u32>(state, END);
  const max = load<u32>(state, LINES_MAX);
  const times = <usize>load<u32>(state, TIMES);
  const offsets = <usize>load<u32>(state, OFFSETS);
  const text = <usize>load<u32>(state, TEXT);
  let to = text;
  let lines: u32 = 0;
  store<u32>(offsets, 0);
  at = expect(at, end, 0x5b);
  if (at == 0) return -1;
  let next = expect(at, end, 0x5d);
  while (next == 0) {
    if (lines == max) return -1;
    at = expect(at, end, 0x5b);
    if (at == 0) return -1;
    at = expect(at, end, QUOTE);
    if (at == 0) return -1;
    const isNegative = <u32>load<u8>(at) == 0x2d;
    if (isNegative) at++;
    let time: u64 = 0;
    const digitsAt = at;
    for (; at < end; at++) {
      const digit = <u64>load<u8>(at) - 0x30;
      if (digit > 9) break;
      time = time * 10 + digit;
    }
    // Nineteen digits do not overflow an unsigned number.
    if (at == digitsAt || at - digitsAt > 19 || time > <u64>i64.MAX_VALUE) return -1;
    if (at >= end || <u32>load<u8>(at) != QUOTE) return -1;
    at = expect(at + 1, end, 0x2c);
    if (at == 0) return -1;
    at = expect(at, end, QUOTE);
    if (at == 0) return -1;

    // The line: what needs no unescaping is moved as it stands.
    for (;;) {
      const stop = plainEnd(at, end);
      if (stop >= end) return -1;
      moveBytes(at, to, stop - at);
      to += stop - at;
      at = stop + 1;
      const byte = <u32>load<u8>(stop);
      if (byte == QUOTE) break;
      if (byte != BACKSLASH || at >= end) return -1;
      const escape = <u32>load<u8>(at++);
      if (escape != 0x75) {
        const plain = unescaped(escape);
        if (plain == 0) return -1;
        store<u8>(to++, <u8>plain);
        continue;
      }
      let point = hex4(at, end);
      if (point < 0) return -1;
      at += 4;
      if (point >= 0xd800 && point < 0xe000) {
        const low = point < 0xdc00 && at + 6 <= end && <u32>load<u16>(at) == 0x755c ? hex4(at + 2, end) : -1;
        if (low >= 0xdc00 && low < 0xe000) {
          point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
          at += 6;
        } else point = 0xfffd; // half a pair is no character
      }
      to = writeUtf8(<u32>point, to);
    }
    store<i64>(times + ((<usize>lines) << 3), isNegative ? -(<i64>time) : <i64>time);
    lines++;
    store<u32>(offsets + ((<usize>lines) << 2), <u32>(to - text));
    at = expect(at, end, 0x5d);
    if (at == 0) return -1;
    next = expect(at, end, 0x5d);
    if (next == 0) {
      at = expect(at, end, 0x2c);
      if (at == 0) return -1;
    }
  }
  store<u32>(state, <u32>next, AT);
  return <i32>lines;
}

/** Behind a byte that stands at a place or behind blanks there; 0 where another does. */
function expect(from: usize, end: usize, byte: u32): usize {
  let at = from;
  while (at < end) {
    const found = <u32>load<u8>(at);
    if (found == byte) return at + 1;
    if (found != 0x20 && found != 0x0a && found != 0x0d && found != 0x09) return 0;
    at++;
  }
  return 0;
}

/** The first quote, backslash or control character at or behind a place. */
function plainEnd(from: usize, end: usize): usize {
  const quotes = i8x16.splat(<i8>QUOTE);
  const backslashes = i8x16.splat(<i8>BACKSLASH);
  const blank = i8x16.splat(0x20);
  let at = from;
  for (; at < end; at += 16) {
    const bytes = v128.load(at);
    const special = v128.or(
      v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, backslashes)),
      i8x16.lt_u(bytes, blank),
    );
    const bits = <u32>i8x16.bitmask(special);
    if (bits != 0) return at + <usize>ctz(bits);
  }
  return at;
}

/** What an escape of one letter means; 0 for none. */
function unescaped(letter: u32): u32 {
  if (letter == QUOTE || letter == BACKSLASH || letter == 0x2f) return letter;
  if (letter == 0x6e) return 0x0a;
  if (letter == 0x74) return 0x09;
  if (letter == 0x72) return 0x0d;
  if (letter == 0x62) return 0x08;
  if (letter == 0x66) return 0x0c;
  return 0;
}

/** Four hexadecimal digits, −1 where there are none. */
function hex4(at: usize, end: usize): i32 {
  if (at + 4 > end) return -1;
  let value: i32 = 0;
  for (let i: usize = 0; i < 4; i++) {
    const byte = <i32>load<u8>(at + i);
    const letter = byte | 0x20;
    if (byte >= 0x30 && byte <= 0x39) value = (value << 4) | (byte - 0x30);
    else if (letter >= 0x61 && letter <= 0x66) value = (value << 4) | (letter - 0x57);
    else return -1;
  }
  return value;
}

function writeUtf8(point: u32, to: usize): usize {
  if (point < 0x80) {
    store<u8>(to, <u8>point);
    return to + 1;
  }
  if (point < 0x800) {
    store<u8>(to, <u8>(0xc0 | (point >> 6)));
    store<u8>(to, <u8>(0x80 | (point & 63)), 1);
    return to + 2;
  }
  if (point < 0x10000) {
    store<u8>(to, <u8>(0xe0 | (point >> 12)));
    store<u8>(to, <u8>(0x80 | ((point >> 6) & 63)), 1);
    store<u8>(to, <u8>(0x80 | (point & 63)), 2);
    return to + 3;
  }
  store<u8>(to, <u8>(0xf0 | (point >> 18)));
  store<u8>(to, <u8>(0x80 | ((point >> 12) & 63)), 1);
  store<u8>(to, <u8>(0x80 | ((point >> 6) & 63)), 2);
  store<u8>(to, <u8>(0x80 | (point & 63)), 3);
  return to + 4;
}
