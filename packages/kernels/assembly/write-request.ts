// Reading of a remote write request (1.0): the series that senders write when nothing is out of the ordinary,
// which is labels and then samples of a value and a time.
//
//      request   0a length series   0a length series   …
//      series    0a length label …  12 length sample …
//      sample    09 eight bytes     10 varint of the time
//
// Labels are not looked into: a series is named by a hash of their bytes, 128 bits wide and keyed, so that
// nobody has to keep the bytes to know them again. At anything else (exemplars, histograms, metadata, a field
// that is not known, a length that does not fit) the kernel stops, and plain script takes that field.

// The words of the state block, each a u32; columns are addresses.
const AT: usize = 0; // in, out: where the next field begins
const END: usize = 4; // where the window ends
const BIAS: usize = 8; // what to add to an address of the message for its place in it
const SERIES_MAX: usize = 12; // what the columns have room for
const SAMPLES_MAX: usize = 16;
const HASHES: usize = 20; // out: four words a series, and once more for the series at which it stopped
const LABEL_STARTS: usize = 24; // out: where its labels begin in the message
const LABEL_ENDS: usize = 28; // out
const SAMPLE_ENDS: usize = 32; // out: samples up to its last one
const TIMES: usize = 36; // out: f64 a sample
const VALUES: usize = 40; // out: the eight bytes of a sample's value
const SAMPLE_COUNT: usize = 44; // out
const STOPPED_LABELS_END: usize = 48; // out: behind the labels of the series at which it stopped, 0 = none read
const KEY: usize = 56; // in: two u64

const LENGTH_DELIMITED_1: u32 = 0x0a;
const LENGTH_DELIMITED_2: u32 = 0x12;
const FIXED64_1: u32 = 0x09;
const VARINT_2: u32 = 0x10;

const PRIME_1: u64 = 0x9e3779b185ebca87;
const PRIME_2: u64 = 0xc2b2ae3d27d4eb4f;
const PRIME_3: u64 = 0x165667b19e3779f9;
const PRIME_4: u64 = 0x85ebca77c2b2ae63;

/** Answers the count of series taken. */
export function scanSeries(state: usize): u32 {
  let at = <usize>load<u32>(state, AT);
  const end = <usize>load<u32>(state, END);
  const bias = load<u32>(state, BIAS);
  const seriesMax = load<u32>(state, SERIES_MAX);
  const samplesMax = load<u32>(state, SAMPLES_MAX);
  const hashes = <usize>load<u32>(state, HASHES);
  const labelStarts = <usize>load<u32>(state, LABEL_STARTS);
  const labelEnds = <usize>load<u32>(state, LABEL_ENDS);
  const sampleEnds = <usize>load<u32>(state, SAMPLE_ENDS);
  const times = <usize>load<u32>(state, TIMES);
  const values = <usize>load<u32>(state, VALUES);
  const keyA = load<u64>(state, KEY);
  const keyB = load<u64>(state, KEY + 8);
  let series: u32 = 0;
  let samples: u32 = 0;
  store<u32>(state, 0, STOPPED_LABELS_END);

  while (series < seriesMax && at + 2 <= end && <u32>load<u8>(at) == LENGTH_DELIMITED_1) {
    const labelsAt = lengthEnd(at + 1);
    if (labelsAt == 0) break;
    const to = labelsAt + length(at + 1);
    if (to > end) break;
    const labelsEnd = labelFieldsEnd(labelsAt, to);
    hashBytes(labelsAt, labelsEnd - labelsAt, keyA, keyB, hashes + ((<usize>series) << 4));
    const read = readSamples(labelsEnd, to, times, values, samples, samplesMax);
    if (labelsEnd == labelsAt || read < 0) {
      store<u32>(state, <u32>labelsEnd + bias, STOPPED_LABELS_END);
      break;
    }
    samples += <u32>read;
    const place = (<usize>series) << 2;
    store<u32>(labelStarts + place, <u32>labelsAt + bias);
    store<u32>(labelEnds + place, <u32>labelsEnd + bias);
    store<u32>(sampleEnds + place, samples);
    series++;
    at = to;
  }
  store<u32>(state, <u32>at, AT);
  store<u32>(state, samples, SAMPLE_COUNT);
  return series;
}

/** Behind the varint. */
function varintEnd(from: usize): usize {
  let at = from;
  while (load<u8>(at) >= 0x80) at++;
  return at + 1;
}

/** A length of at most four bytes of seven bits: where it ends, 0 where it is longer. */
function lengthEnd(at: usize): usize {
  if (load<u8>(at) < 0x80) return at + 1;
  for (let i: usize = 0; i < 4; i++) if (load<u8>(at + i) < 0x80) return at + i + 1;
  return 0;
}

function length(at: usize): usize {
  const first = <usize>load<u8>(at);
  if (first < 0x80) return first;
  let value: usize = 0;
  for (let shift: usize = 0; shift < 28; shift += 7) {
    const byte = <usize>load<u8>(at++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

/** Where the label fields at the beginning end: whole ones only. */
function labelFieldsEnd(from: usize, to: usize): usize {
  let at = from;
  while (at + 2 <= to && <u32>load<u8>(at) == LENGTH_DELIMITED_1) {
    const short = <usize>load<u8>(at, 1);
    if (short < 0x80) {
      if (at + 2 + short > to) break;
      at += 2 + short;
      continue;
    }
    const content = lengthEnd(at + 1);
    if (content == 0) break;
    const next = content + length(at + 1);
    if (next > to) break;
    at = next;
  }
  return at;
}

/**
 * The time of the sample that was read last, with its tag, as bytes: nearly all samples of a request have one
 * time. Zero bytes are none, since the first is the tag.
 */
let lastTimeBytes: u64 = 0;
let lastTimeMask: u64 = 0;
let lastTime: f64 = 0;

/** Reads sample fields until `to`; how many, or −1 where something else stands there or the room ends. */
function readSamples(from: usize, to: usize, times: usize, values: usize, first: u32, max: u32): i32 {
  let at = from;
  let sample = first;
  while (at < to) {
    if (sample == max || at + 2 > to || <u32>load<u8>(at) != LENGTH_DELIMITED_2) return -1;
    const size = <usize>load<u8>(at, 1);
    at += 2;
    const end = at + size;
    if (size > 0x7f || end > to) return -1;
    const place = (<usize>sample) << 3;
    if (size > 10 && size <= 17 && <u32>load<u8>(at) == FIXED64_1) {
      const mask = (~(<u64>0)) >> ((17 - size) << 3);
      if (mask == lastTimeMask && (load<u64>(at, 9) & mask) == lastTimeBytes) {
        store<u64>(values + place, load<u64>(at, 1));
        store<f64>(times + place, lastTime);
        at = end;
        sample++;
        continue;
      }
    }
    const sampleAt = at;
    let value: u64 = 0;
    let time: i64 = 0;
    while (at < end) {
      const tag = <u32>load<u8>(at++);
      if (tag == FIXED64_1) {
        if (at + 8 > end) return -1;
        value = load<u64>(at);
        at += 8;
      } else if (tag == VARINT_2) {
        time = 0;
        let shift: i64 = 0;
        let byte: u64;
        do {
          if (at == end || shift > 63) return -1;
          byte = <u64>load<u8>(at++);
          time |= (<i64>(byte & 0x7f)) << shift;
          shift += 7;
        } while (byte >= 0x80);
      } else {
        return -1;
      }
    }
    store<u64>(values + place, value);
    store<f64>(times + place, <f64>time);
    // A value, then a time, and nothing else: as senders write it.
    const isUsual = size > 10 && size <= 17 && <u32>load<u8>(sampleAt) == FIXED64_1;
    if (isUsual && <u32>load<u8>(sampleAt, 9) == VARINT_2 && varintEnd(sampleAt + 10) == end) {
      lastTimeMask = (~(<u64>0)) >> ((17 - size) << 3);
      lastTimeBytes = load<u64>(sampleAt, 9) & lastTimeMask;
      lastTime = <f64>time;
    }
    sample++;
  }
  return <i32>(sample - first);
}

/**
 * Two keyed hashes of 64 bits that have no step in common, so that label sets that agree in both are the
 * same: among ten million the chance that two are not is below 10^-24.
 */
function hashBytes(from: usize, size: usize, keyA: u64, keyB: u64, out: usize): void {
  let a = keyA ^ (<u64>size * PRIME_1);
  let b = keyB + <u64>size * PRIME_3;
  let at = from;
  const wordsEnd = from + (size & ~7);
  for (; at < wordsEnd; at += 8) {
    const word = load<u64>(at);
    a = rotl<u64>(a + word * PRIME_2, 31) * PRIME_1;
    b = rotl<u64>(b ^ (word * PRIME_4), 27) * PRIME_3 + PRIME_2;
  }
  const rest = <u64>(size & 7);
  if (rest != 0) {
    // The bytes behind the labels may be read, and do not count.
    const word = load<u64>(at) & (((<u64>1) << (rest << 3)) - 1);
    a = rotl<u64>(a + word * PRIME_2, 31) * PRIME_1;
    b = rotl<u64>(b ^ (word * PRIME_4), 27) * PRIME_3 + PRIME_2;
  }
  store<u64>(out, avalanche(a));
  store<u64>(out, avalanche(b), 8);
}

function avalanche(hash: u64): u64 {
  let h = hash;
  h = (h ^ (h >> 33)) * PRIME_2;
  h = (h ^ (h >> 29)) * PRIME_3;
  return h ^ (h >> 32);
}
