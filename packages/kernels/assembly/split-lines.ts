// Splitting of log lines into a template and its variables: a variable is a word (a longest run of ASCII
// letters, digits and bytes from 0x80 on) with a digit in it, the template is the line with a zero byte in
// the place of each.
//
// First two bits a byte of all the text are found, sixteen bytes at a time: whether it belongs to a word, and
// whether it is a digit. Then each line's digits are jumped to; the word around one is found in the bits, and
// what stands between is moved in one go. Templates are looked up in the caller's hash table; at one that is
// not there the kernel stops, and goes on once the caller has put it in.

// The words of the state block, each a u32; columns are addresses.
const TEXT: usize = 0; // the text, a multiple of 64
const TEXT_END: usize = 4;
const WORDS: usize = 8; // a bit a byte of text, u64s, and one more of them
const DIGITS: usize = 12;
const LINE: usize = 16; // in, out: the line to go on with
const LINES: usize = 20;
const OFFSETS: usize = 24; // u32 a line and one more, from TEXT
const TEMPLATES: usize = 28; // out: u32 a line
const COUNTS: usize = 32; // out: u32 a line, how many variables it has
const STARTS: usize = 36; // out: u32 a variable, from TEXT with BIAS added
const ENDS: usize = 40;
const VARIABLES: usize = 44; // in, out: how many there are
const BIAS: usize = 48; // added to places of the text
const MASKED: usize = 52; // out: the template of the line at which it stopped
const MASKED_BYTES: usize = 56; // out
const HASH: usize = 60; // out
const SLOTS: usize = 64; // the table: number of the template + 1, or 0
const SLOTS_MASK: usize = 68;
const HASHES: usize = 72; // u32 a template
const TEMPLATE_ENDS: usize = 76; // u32 a template: where its text ends
const ARENA: usize = 80; // the templates' texts
const LINE_BYTES_MAX: usize = 84; // a longer line has no template
const LINE_VARIABLES_MAX: usize = 88; // nor has one with more variables
const HAS_ZERO: usize = 92; // in: whether a zero byte stands in the text

/** Finds the bits of a text. Answers whether a zero byte stands in it, which such lines must be told by. */
export function markWords(state: usize): u32 {
  const text = <usize>load<u32>(state, TEXT);
  const end = <usize>load<u32>(state, TEXT_END);
  const words = <usize>load<u32>(state, WORDS);
  const digits = <usize>load<u32>(state, DIGITS);
  const zeros = i8x16.splat(0);
  let zeroBits: u32 = 0;
  for (let at = text; at < end; at += 16) {
    const bytes = v128.load(at);
    const isDigit = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x30)), i8x16.splat(10));
    const lower = v128.or(bytes, i8x16.splat(0x20));
    const isLetter = i8x16.lt_u(i8x16.sub(lower, i8x16.splat(0x61)), i8x16.splat(26));
    // The sign bit alone marks bytes from 0x80 on; a letter's low half of such a byte is one anyway.
    const isWord = v128.or(v128.or(isDigit, isLetter), i8x16.lt_s(bytes, zeros));
    const place = (at - text) >> 3;
    store<u16>(words + place, <u16>i8x16.bitmask(isWord));
    store<u16>(digits + place, <u16>i8x16.bitmask(isDigit));
    zeroBits |= <u32>(at + 16 <= end && v128.any_true(i8x16.eq(bytes, zeros)));
    if (at + 16 > end) for (let i = at; i < end; i++) if (load<u8>(i) == 0) zeroBits = 1;
  }
  return zeroBits;
}

/** Answers 1 when it stopped at a line whose template is not in the table, 0 when all is done. */
export function splitLines(state: usize): u32 {
  const text = <usize>load<u32>(state, TEXT);
  const words = <usize>load<u32>(state, WORDS);
  const digits = <usize>load<u32>(state, DIGITS);
  const lines = load<u32>(state, LINES);
  const offsets = <usize>load<u32>(state, OFFSETS);
  const templates = <usize>load<u32>(state, TEMPLATES);
  const counts = <usize>load<u32>(state, COUNTS);
  const starts = <usize>load<u32>(state, STARTS);
  const ends = <usize>load<u32>(state, ENDS);
  const bias = load<u32>(state, BIAS);
  const masked = <usize>load<u32>(state, MASKED);
  const lineBytesMax = <usize>load<u32>(state, LINE_BYTES_MAX);
  const lineVariablesMax = load<u32>(state, LINE_VARIABLES_MAX);
  const hasZero = load<u32>(state, HAS_ZERO);
  let variables = load<u32>(state, VARIABLES);
  let line = load<u32>(state, LINE);
  for (; line < lines; line++) {
    const from = <usize>load<u32>(offsets + ((<usize>line) << 2));
    const to = <usize>load<u32>(offsets + ((<usize>line) << 2), 4);
    const first = variables;
    let isRaw = to - from > lineBytesMax;
    if (!isRaw && hasZero != 0) {
      for (let at = text + from; at < text + to; at++) if (load<u8>(at) == 0) isRaw = true;
    }
    let out = masked;
    let done = from;
    while (!isRaw && done < to) {
      const digit = nextSet(digits, done, to);
      if (digit == to) break;
      const start = wordStart(words, digit, done);
      const wordEnd = nextClear(words, digit, to);
      if (variables - first == lineVariablesMax) {
        isRaw = true;
        break;
      }
      const place = (<usize>variables) << 2;
      store<u32>(starts + place, <u32>start + bias);
      store<u32>(ends + place, <u32>wordEnd + bias);
      variables++;
      move(text + done, out, start - done);
      out += start - done;
      store<u8>(out++, 0);
      done = wordEnd;
    }
    const linePlace = (<usize>line) << 2;
    if (isRaw) {
      variables = first;
      store<u32>(starts + ((<usize>first) << 2), <u32>from + bias);
      store<u32>(ends + ((<usize>first) << 2), <u32>to + bias);
      variables++;
      store<u32>(templates + linePlace, 0);
      store<u32>(counts + linePlace, 1);
      continue;
    }
    move(text + done, out, to - done);
    out += to - done;
    store<u32>(counts + linePlace, variables - first);
    const size = out - masked;
    const hash = hashOf(masked, size);
    const template = find(state, masked, size, hash);
    if (template == 0) {
      store<u32>(state, line, LINE);
      store<u32>(state, variables, VARIABLES);
      store<u32>(state, <u32>size, MASKED_BYTES);
      store<u32>(state, hash, HASH);
      return 1;
    }
    store<u32>(templates + linePlace, template);
  }
  store<u32>(state, line, LINE);
  store<u32>(state, variables, VARIABLES);
  return 0;
}

/** Moves bytes on, sixteen at a time, past the end of what is wanted. */
function move(from: usize, to: usize, size: usize): void {
  for (let i: usize = 0; i < size; i += 16) v128.store(to + i, v128.load(from + i));
}

/** The first set bit at or behind a place, `to` where there is none. */
function nextSet(bits: usize, from: usize, to: usize): usize {
  let place = from >> 6;
  let word = load<u64>(bits + (place << 3)) & (~(<u64>0) << (<u64>from & 63));
  while (word == 0) {
    place++;
    if (place << 6 >= to) return to;
    word = load<u64>(bits + (place << 3));
  }
  const found = (place << 6) + <usize>ctz(word);
  return found < to ? found : to;
}

/** The first clear bit at or behind a place, `to` where there is none. */
function nextClear(bits: usize, from: usize, to: usize): usize {
  let place = from >> 6;
  let word = ~load<u64>(bits + (place << 3)) & (~(<u64>0) << (<u64>from & 63));
  while (word == 0) {
    place++;
    if (place << 6 >= to) return to;
    word = ~load<u64>(bits + (place << 3));
  }
  const found = (place << 6) + <usize>ctz(word);
  return found < to ? found : to;
}

/** Where the run of set bits around a place begins, not before `from`. */
function wordStart(bits: usize, at: usize, from: usize): usize {
  let place = at >> 6;
  const low = <u64>at & 63;
  let word = ~load<u64>(bits + (place << 3)) & (((<u64>1) << low) - 1);
  while (word == 0) {
    if (place << 6 <= from) return from;
    place--;
    word = ~load<u64>(bits + (place << 3));
  }
  const start = (place << 6) + 64 - <usize>clz(word);
  return start > from ? start : from;
}

/** The hash of a text; what stands behind it may be read and does not count. */
export function hashOf(at: usize, size: usize): u32 {
  let hash = <u64>size * 0x9e3779b185ebca87;
  const wordsEnd = at + (size & ~7);
  for (; at < wordsEnd; at += 8) hash = rotl<u64>(hash ^ load<u64>(at), 29) * 0xc2b2ae3d27d4eb4f;
  const rest = <u64>(size & 7);
  if (rest != 0) {
    const word = load<u64>(at) & (((<u64>1) << (rest << 3)) - 1);
    hash = rotl<u64>(hash ^ word, 29) * 0xc2b2ae3d27d4eb4f;
  }
  hash = (hash ^ (hash >> 33)) * 0x165667b19e3779f9;
  return <u32>(hash >> 32);
}

/** The template with a text, 0 where there is none. */
function find(state: usize, at: usize, size: usize, hash: u32): u32 {
  const slots = <usize>load<u32>(state, SLOTS);
  const mask = load<u32>(state, SLOTS_MASK);
  const hashes = <usize>load<u32>(state, HASHES);
  const ends = <usize>load<u32>(state, TEMPLATE_ENDS);
  const arena = <usize>load<u32>(state, ARENA);
  let slot = hash & mask;
  let entry = load<u32>(slots + ((<usize>slot) << 2));
  while (entry != 0) {
    const place = (<usize>entry - 1) << 2;
    if (load<u32>(hashes + place) == hash) {
      const textAt = <usize>load<u32>(ends + place - 4);
      const textEnd = <usize>load<u32>(ends + place);
      if (textEnd - textAt == size && same(arena + textAt, at, size)) return entry - 1;
    }
    slot = (slot + 1) & mask;
    entry = load<u32>(slots + ((<usize>slot) << 2));
  }
  return 0;
}

function same(a: usize, b: usize, size: usize): bool {
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) {
    if (v128.any_true(v128.xor(v128.load(a + i), v128.load(b + i)))) return false;
  }
  for (; i < size; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
  return true;
}
