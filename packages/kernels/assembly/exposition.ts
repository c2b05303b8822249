// Parsing of an exposition text with the last one of the same target as the guide.
//
// From one scrape to the next a target's lines stand in the same order, and most differ in nothing or only in
// the value. So the kernel walks both texts at once, line by line:
//
//      last text   go_goroutines 41\n          prefix = 14 bytes, up to the value; the line's length is known
//      new text    go_goroutines 39\n
//                  same bytes -> 14 ^  value up to the line feed
//
// - A line that is the same byte for byte has the same value as last time.
// - A line whose prefix is the same is a sample of the same series: only its number is parsed, and its
//   timestamp.
// - At any other line the kernel stops, and plain script takes that line. Lines without a prefix (comments,
//   exemplars) are of this kind unless they are the same byte for byte.
//
// Texts come in windows, so a line that is not wholly inside stops the walk as well.

import { sameBytes } from "./literal";
import { parseNumber, numberEnd, NUMBER_HARD, NUMBER_OTHER } from "./number";

/** A line that has a sample, but whose value only plain script can read unless the whole line is the same. */
const SLOW_SAMPLE: u32 = 0x80000000;
/**
 * A line at which the walk always stops, the same or not: whether it has a sample depends on the lines before
 * it.
 */
const ALWAYS_READ: u32 = 0x40000000;

// The words of the state block, each a u32; texts, tables and columns are addresses.
const OLD_TEXT: usize = 0; // in, out: where the next line of the last text begins
const OLD_TEXT_END: usize = 4;
const NEW_TEXT: usize = 8; // in, out: where the next line of the new text begins
const NEW_TEXT_END: usize = 12;
const OLD_STARTS: usize = 16; // where the last text's lines begin, from the next one on, and one entry more
const PREFIXES: usize = 20; // their prefixes' lengths, 0 = no sample; or as said above
const LINE_COUNT: usize = 24; // how many there are
const OLD_VALUES: usize = 28; // f64 a sample of the last text, from the next one on
const OLD_TIMES: usize = 32; // f64 a sample: Unix ms, NaN = none; address 0 where no sample has a time
const NEW_BIAS: usize = 36; // what to add to an address of the new text for its place in the whole text
const NEW_STARTS: usize = 40; // out: where the matched lines begin in the whole new text
const NEW_VALUES: usize = 44; // out: f64 a sample
const NEW_TIMES: usize = 48; // out: f64 a sample, NaN = none
const HARD: usize = 52; // out: three u32 a number that plain script must parse: sample, begin, end
const SAMPLES_MATCHED: usize = 56; // out
const HARD_COUNT: usize = 60; // out
const TIMES_COUNT: usize = 64; // out: samples that have a time
const TIMES_ARE_MS: usize = 68; // whether a whole number behind a value is its time; else it stops there

/**
 * Matches lines until one needs plain script, a window ends, or the guide does. Answers the count of lines
 * matched.
 */
export function parseGuided(state: usize): u32 {
  let oldAt = <usize>load<u32>(state, OLD_TEXT);
  const oldEnd = <usize>load<u32>(state, OLD_TEXT_END);
  let newAt = <usize>load<u32>(state, NEW_TEXT);
  const newEnd = <usize>load<u32>(state, NEW_TEXT_END);
  const oldStarts = <usize>load<u32>(state, OLD_STARTS);
  const prefixes = <usize>load<u32>(state, PREFIXES);
  const lineCount = load<u32>(state, LINE_COUNT);
  let oldValue = <usize>load<u32>(state, OLD_VALUES);
  let oldTime = <usize>load<u32>(state, OLD_TIMES);
  const newBias = load<u32>(state, NEW_BIAS);
  const newStarts = <usize>load<u32>(state, NEW_STARTS);
  let newValue = <usize>load<u32>(state, NEW_VALUES);
  let newTime = <usize>load<u32>(state, NEW_TIMES);
  let hard = <usize>load<u32>(state, HARD);
  const firstHard = hard;
  const firstValue = newValue;
  const timesAreMs = load<u32>(state, TIMES_ARE_MS) != 0;
  const timeStep: usize = oldTime == 0 ? 0 : 8;
  let times: u32 = 0;
  let line: u32 = 0;

  for (; line < lineCount; line++) {
    const at = (<usize>line) << 2;
    const oldLength = <usize>(load<u32>(oldStarts + at, 4) - load<u32>(oldStarts + at));
    if (oldAt + oldLength > oldEnd) break;
    const prefix = load<u32>(prefixes + at);
    if (prefix == ALWAYS_READ) break;
    let lineEnd = newAt + oldLength;
    let time: f64 = NaN;

    if (lineEnd <= newEnd && sameBytes(oldAt, newAt, oldLength)) {
      if (prefix != 0) {
        // Moved as an integer: a NaN keeps its bits.
        store<u64>(newValue, load<u64>(oldValue));
        if (timeStep != 0) time = load<f64>(oldTime);
      }
    } else {
      if (prefix == 0 || prefix >= SLOW_SAMPLE) break;
      const valueAt = newAt + prefix;
      if (valueAt >= newEnd || !sameBytes(oldAt, newAt, prefix)) break;
      const valueEnd = numberEnd(valueAt, newEnd);
      if (valueEnd >= newEnd) break;
      const kind = parseNumber(valueAt, valueEnd, newValue);
      if (kind == NUMBER_OTHER) break;
      lineEnd = valueEnd;
      if (load<u8>(valueEnd) == 0x20) {
        if (!timesAreMs) break;
        lineEnd = timestampEnd(valueEnd + 1, newEnd);
        if (lineEnd == 0) break;
        time = timestamp(valueEnd + 1, lineEnd);
      }
      if (load<u8>(lineEnd++) != 0x0a) break;
      if (kind == NUMBER_HARD) {
        store<u32>(hard, <u32>((newValue - firstValue) >> 3));
        store<u32>(hard, <u32>valueAt, 4);
        store<u32>(hard, <u32>valueEnd, 8);
        hard += 12;
      }
    }

    store<u32>(newStarts + at, <u32>newAt + newBias);
    oldAt += oldLength;
    newAt = lineEnd;
    if (prefix != 0) {
      store<f64>(newTime, time);
      if (time == time) times++;
      oldValue += 8;
      oldTime += timeStep;
      newValue += 8;
      newTime += 8;
    }
  }

  store<u32>(state, <u32>oldAt, OLD_TEXT);
  store<u32>(state, <u32>newAt, NEW_TEXT);
  store<u32>(state, <u32>((newValue - firstValue) >> 3), SAMPLES_MATCHED);
  store<u32>(state, <u32>((hard - firstHard) / 12), HARD_COUNT);
  store<u32>(state, times, TIMES_COUNT);
  return line;
}

/** Most digits of a timestamp that is read here: below 2^53 whatever they are. */
const TIMESTAMP_DIGITS: usize = 15;

/** Where a timestamp of digits only ends, or 0 where this is none or the window ends in it. */
function timestampEnd(from: usize, end: usize): usize {
  let at = from;
  while (at < end && <u32>(load<u8>(at) - 0x30) < 10) at++;
  return at == from || at == end || at - from > TIMESTAMP_DIGITS ? 0 : at;
}

function timestamp(from: usize, end: usize): f64 {
  let ms: u64 = 0;
  for (let at = from; at < end; at++) ms = ms * 10 + <u64>(load<u8>(at) - 0x30);
  return <f64>ms;
}
