// Doubles as decimals: the shortest that read back as the same double, and of these the nearest (Schubfach,
// by Raffaello Giulietti, 2020), in the form in which Go writes them: `0.1`, `1e-07`, `1e+21`, `NaN`, `+Inf`.
//
// A double c × 2^q is what all decimals between its neighbours' middles read back as. Multiplied by a power
// of ten, taken from a table to 128 bits, the two middles and the double itself become integers with two bits
// more than the decimal has; between them there is one multiple of ten, or else at most two integers to
// choose from.

const HIDDEN_BIT: u64 = 1 << 52;
const EXPONENT_BIAS: i32 = 1075;
/** The power of ten of the table's first entry. */
const POWER_MIN: i32 = -292;

/** The two digits of each number below 100. */
const PAIRS = memory.data<u16>([
  0x3030, 0x3130, 0x3230, 0x3330, 0x3430, 0x3530, 0x3630, 0x3730, 0x3830, 0x3930, 0x3031, 0x3131, 0x3231,
  0x3331, 0x3431, 0x3531, 0x3631, 0x3731, 0x3831, 0x3931, 0x3032, 0x3132, 0x3232, 0x3332, 0x3432, 0x3532,
  0x3632, 0x3732, 0x3832, 0x3932, 0x3033, 0x3133, 0x3233, 0x3333, 0x3433, 0x3533, 0x3633, 0x3733, 0x3833,
  0x3933, 0x3034, 0x3134, 0x3234, 0x3334, 0x3434, 0x3534, 0x3634, 0x3734, 0x3834, 0x3934, 0x3035, 0x3135,
  0x3235, 0x3335, 0x3435, 0x3535, 0x3635, 0x3735, 0x3835, 0x3935, 0x3036, 0x3136, 0x3236, 0x3336, 0x3436,
  0x3536, 0x3636, 0x3736, 0x3836, 0x3936, 0x3037, 0x3137, 0x3237, 0x3337, 0x3437, 0x3537, 0x3637, 0x3737,
  0x3837, 0x3937, 0x3038, 0x3138, 0x3238, 0x3338, 0x3438, 0x3538, 0x3638, 0x3738, 0x3838, 0x3938, 0x3039,
  0x3139, 0x3239, 0x3339, 0x3439, 0x3539, 0x3639, 0x3739, 0x3839, 0x3939,
]);

const QUOTE: u8 = 0x22;
const COMMA: u8 = 0x2c;
const MINUS: u8 = 0x2d;
const POINT: u8 = 0x2e;
const ZERO: u8 = 0x30;
const BRACKET: u8 = 0x5b;
const BRACKET_END: u8 = 0x5d;

/**
 * Writes `[seconds,` for each time (f64, whole Unix ms), from the second on with a comma before it. Answers
 * the end.
 */
export function writeTimes(times: usize, count: u32, ends: usize, out: usize): usize {
  let at = out;
  for (let i: u32 = 0; i < count; i++) {
    if (i > 0) store<u8>(at++, COMMA);
    store<u8>(at++, BRACKET);
    let ms = <i64>load<f64>(times + ((<usize>i) << 3));
    if (ms < 0) {
      store<u8>(at++, MINUS);
      ms = -ms;
    }
    at = writeInteger(<u64>ms / 1000, at);
    let fraction = <u32>(<u64>ms % 1000);
    if (fraction != 0) {
      store<u8>(at, POINT);
      store<u8>(at, ZERO + <u8>(fraction / 100), 1);
      fraction %= 100;
      store<u8>(at, ZERO + <u8>(fraction / 10), 2);
      store<u8>(at, ZERO + <u8>(fraction % 10), 3);
      at += 4;
    }
    store<u8>(at++, COMMA);
    store<u32>(ends + ((<usize>i) << 2), <u32>(at - out));
  }
  return at;
}

/**
 * Writes points: what `writeTimes` left at `texts`, then the value in quotes, then `]`. Reads and writes up
 * to 31 bytes past what counts. Answers the end.
 */
export function writePoints(
  values: usize,
  count: u32,
  texts: usize,
  ends: usize,
  powers: usize,
  out: usize,
): usize {
  let at = out;
  let from: u32 = 0;
  let lastBits: u64 = 0;
  let lastAt: usize = 0;
  let lastLength: usize = 0;
  for (let i: u32 = 0; i < count; i++) {
    const to = load<u32>(ends + ((<usize>i) << 2));
    const length = to - from;
    v128.store(at, v128.load(texts + from));
    v128.store(at + 16, v128.load(texts + from + 16));
    at += length;
    from = to;
    store<u8>(at++, QUOTE);
    const bits = load<u64>(values + ((<usize>i) << 3));
    if (lastLength != 0 && bits == lastBits) {
      v128.store(at, v128.load(lastAt));
      v128.store(at + 16, v128.load(lastAt + 16));
      lastAt = at;
      at += lastLength;
    } else {
      lastAt = at;
      at = writeDouble(bits, powers, at);
      lastLength = at - lastAt;
      lastBits = bits;
    }
    store<u8>(at, QUOTE);
    store<u8>(at, BRACKET_END, 1);
    at += 2;
  }
  return at;
}

function writeDouble(bits: u64, powers: usize, out: usize): usize {
  let at = out;
  const exponentBits = <i32>((bits >> 52) & 0x7ff);
  const significand = bits & (HIDDEN_BIT - 1);
  const isNegative = bits >> 63 != 0;
  if (exponentBits == 0x7ff) {
    if (significand != 0) {
      store<u32>(at, 0x004e614e); // NaN
      return at + 3;
    }
    store<u32>(at, isNegative ? 0x666e492d : 0x666e492b); // -Inf, +Inf
    return at + 4;
  }
  if (isNegative) store<u8>(at++, MINUS);
  if (exponentBits == 0 && significand == 0) {
    store<u8>(at, ZERO);
    return at + 1;
  }

  let c = significand;
  let q: i32 = 1 - EXPONENT_BIAS;
  if (exponentBits != 0) {
    c |= HIDDEN_BIT;
    q = exponentBits - EXPONENT_BIAS;
    if (q <= 0 && q > -53 && <i32>ctz(c) >= -q) return writeInteger(c >> <u64>-q, at);
  }
  const isOdd = c & 1;
  const lowerIsCloser: u64 = significand == 0 && exponentBits > 1 ? 1 : 0;
  const k = (q * 1262611 - (lowerIsCloser != 0 ? 524031 : 0)) >> 22;
  const shift = <u64>(q + ((-k * 1741647) >> 19) + 1);
  const power = powers + ((<usize>(-k - POWER_MIN)) << 4);
  const high = load<u64>(power);
  const low = load<u64>(power, 8);
  const lower = roundToOdd(high, low, (4 * c - 2 + lowerIsCloser) << shift) + isOdd;
  const middle = roundToOdd(high, low, (4 * c) << shift);
  const upper = roundToOdd(high, low, (4 * c + 2) << shift) - isOdd;

  const s = middle >> 2;
  if (s >= 10) {
    const tens = s / 10;
    const downIsIn = lower <= 40 * tens;
    const upIsIn = 40 * tens + 40 <= upper;
    if (downIsIn != upIsIn) return writeDecimal(tens + <u64>upIsIn, k + 1, at);
  }
  const downIsIn = lower <= 4 * s;
  const upIsIn = 4 * s + 4 <= upper;
  if (downIsIn != upIsIn) return writeDecimal(s + <u64>upIsIn, k, at);
  const half = 4 * s + 2;
  const goesUp = middle > half || (middle == half && (s & 1) != 0);
  return writeDecimal(s + <u64>goesUp, k, at);
}

/** The high 64 bits of (high × 2^64 + low) × factor / 2^64, its last bit set where anything is lost. */
function roundToOdd(high: u64, low: u64, factor: u64): u64 {
  const x1 = multiplyHigh(low, factor);
  const y0 = high * factor + x1;
  const y1 = multiplyHigh(high, factor) + <u64>(y0 < x1);
  return y1 | <u64>(y0 > 1);
}


function multiplyHigh(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const middle = a1 * b0 + ((a0 * b0) >> 32);
  const other = a0 * b1 + (middle & 0xffffffff);
  return a1 * b1 + (middle >> 32) + (other >> 32);
}

/** digits × 10^exponent. */
function writeDecimal(digits: u64, exponent: i32, out: usize): usize {
  let rest = digits;
  let power = exponent;
  while (rest % 10 == 0) {
    rest /= 10;
    power++;
  }
  const end = writeInteger(rest, out);
  const count = <i32>(end - out);
  // How many digits stand before the point.
  const whole = count + power;
  if (power >= 0 && whole <= 21) {
    for (let at = end; at < end + power; at++) store<u8>(at, ZERO);
    return end + power;
  }
  if (whole > 0 && whole <= 21) {
    memory.copy(out + whole + 1, out + whole, count - whole);
    store<u8>(out + whole, POINT);
    return end + 1;
  }
  if (whole > -6 && whole <= 0) {
    memory.copy(out + 2 - whole, out, count);
    store<u8>(out, ZERO);
    store<u8>(out, POINT, 1);
    for (let at = out + 2; at < out + 2 - whole; at++) store<u8>(at, ZERO);
    return end + 2 - whole;
  }
  let at = end;
  if (count > 1) {
    memory.copy(out + 2, out + 1, count - 1);
    store<u8>(out, POINT, 1);
    at++;
  }
  const scientific = whole - 1;
  store<u8>(at, 0x65); // e
  store<u8>(at, scientific < 0 ? MINUS : 0x2b, 1);
  at += 2;
  const size = scientific < 0 ? -scientific : scientific;
  if (size < 10) store<u8>(at++, ZERO);
  return writeInteger(<u64>size, at);
}

/** Digits of a whole number. */
function writeInteger(value: u64, out: usize): usize {
  const end = out + digitCount(value);
  let at = end;
  let rest = value;
  // 64-bit divisions are slow: one for nine digits.
  while (rest >= 1000000000) {
    const next = rest / 1000000000;
    let part = <u32>(rest - next * 1000000000);
    for (let i = 0; i < 4; i++) {
      const hundredth = part / 100;
      at -= 2;
      store<u16>(at, load<u16>(PAIRS + (<usize>(part - hundredth * 100) << 1)));
      part = hundredth;
    }
    store<u8>(--at, ZERO + <u8>part);
    rest = next;
  }
  let part = <u32>rest;
  while (part >= 100) {
    const hundredth = part / 100;
    at -= 2;
    store<u16>(at, load<u16>(PAIRS + (<usize>(part - hundredth * 100) << 1)));
    part = hundredth;
  }
  if (part >= 10) store<u16>(at - 2, load<u16>(PAIRS + (<usize>part << 1)));
  else store<u8>(at - 1, ZERO + <u8>part);
  return end;
}

function digitCount(value: u64): usize {
  let count: usize = 1;
  let rest = value;
  if (rest >= 10000000000) {
    rest /= 10000000000;
    count += 10;
  }
  if (rest >= 100000) {
    rest /= 100000;
    count += 5;
  }
  for (let limit: u64 = 10; limit <= rest; limit *= 10) count++;
  return count;
}
