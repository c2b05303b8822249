/** Random queries from the grammar, and random damage to them: for property tests and fuzzing. */

export type Random = () => number;

/** A small generator with a seed (mulberry32): the same seed, the same queries. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)]!;
}

const NAMES = ["up", "requests_total", "job:rate:5m", "sum", "start", "fill", `{"a.b"}`, `{x=~"1|2", y!=""}`];
const LABELS = ["job", "instance", "by", `"a b"`];
const DURATIONS = ["5m", "1h30m", "90", "step()", "(1m + 30s) * 2", "max_of(1m, range())", "2 ^ 3"];
const OPERATORS = ["+", "-", "*", "/", "%", "^", "atan2", "==", "!=", "<", "<=", ">", ">=", "</", ">/"];
const SET_OPERATORS = ["and", "or", "unless"];
const AGGREGATIONS = ["sum", "avg", "count", "stddev", "group"];
const VECTOR_FUNCTIONS = ["abs", "ceil", "sort", "timestamp", "histogram_count", "absent"];
const RANGE_FUNCTIONS = ["rate", "increase", "delta", "max_over_time", "changes", "deriv"];

/** A query of an instant vector; operators may bind otherwise than meant, so that some do not parse. */
export function randomVector(random: Random, depth: number): string {
  if (depth <= 0) return selector(random);
  const inner = (): string => randomVector(random, depth - 1 - Math.floor(random() * 2));
  switch (Math.floor(random() * 9)) {
    case 0:
      return selector(random) + modifiers(random);
    case 1:
      return `(${inner()})`;
    case 2:
      return `-${pick(random, ["", "-"])}${inner()}`;
    case 3:
      return `${inner()} ${operator(random)} ${inner()}`;
    case 4:
      return `${inner()} ${pick(random, OPERATORS)} ${randomScalar(random)}`;
    case 5:
      return `${pick(random, AGGREGATIONS)} ${grouping(random)} (${inner()})`;
    case 6:
      return `${pick(random, ["topk", "bottomk", "quantile"])}(${randomScalar(random)}, ${inner()})`;
    case 7:
      return `${pick(random, VECTOR_FUNCTIONS)}(${inner()})`;
    default:
      return `${pick(random, RANGE_FUNCTIONS)}(${randomRange(random, depth - 1)})`;
  }
}

function randomRange(random: Random, depth: number): string {
  const range = pick(random, DURATIONS);
  if (random() < 0.7) return `${selector(random)}[${range}]${modifiers(random)}`;
  const step = pick(random, ["", ...DURATIONS]);
  return `(${randomVector(random, depth)})[${range}:${step}]${modifiers(random)}`;
}

function randomScalar(random: Random): string {
  return pick(random, [
    "1",
    "-2.5",
    "0x10",
    "1e3",
    "Inf",
    "NaN",
    "5m",
    "time()",
    "scalar(up)",
    "(1 + 2 * 3)",
  ]);
}

function selector(random: Random): string {
  const name = pick(random, NAMES);
  return name.startsWith("{") || random() < 0.6 ? name : `${name}{job="a", code!~"5.."}`;
}

function modifiers(random: Random): string {
  const offset = pick(random, [
    "",
    "",
    " offset 5m",
    " offset -1h",
    " offset (step() + 1m)",
    " offset step()",
  ]);
  const at = pick(random, ["", "", " @ start()", " @ end()", " @ 1234.567", " @ -5"]);
  return random() < 0.5 ? offset + at : at + offset;
}

function operator(random: Random): string {
  if (random() < 0.3) return `${pick(random, SET_OPERATORS)}${pick(random, ["", ` on (${labels(random)})`])}`;
  const op = pick(random, OPERATORS);
  const bool = /^(?:[=!]=|[<>]=?)$/.test(op) ? pick(random, ["", " bool"]) : "";
  const matching = pick(random, [
    "",
    ` on (job)`,
    ` ignoring (${labels(random)})`,
    " on (job) group_left (instance)",
  ]);
  const fill = pick(random, ["", "", " fill (0)", " fill_left (-1) fill_right (NaN)"]);
  return op + bool + matching + fill;
}

function grouping(random: Random): string {
  return `${pick(random, ["by", "without"])} (${labels(random)})`;
}

function labels(random: Random): string {
  return LABELS.filter(() => random() < 0.5).join(", ");
}

/** Cuts, doubles, swaps and replaces characters. */
export function mutate(random: Random, query: string): string {
  let text = query;
  const rounds = 1 + Math.floor(random() * 4);
  for (let i = 0; i < rounds; i++) {
    const at = Math.floor(random() * (text.length + 1));
    const length = Math.floor(random() * 6);
    switch (Math.floor(random() * 4)) {
      case 0:
        text = text.slice(0, at) + text.slice(at + length);
        break;
      case 1:
        text = text.slice(0, at) + text.slice(at, at + length) + text.slice(at);
        break;
      case 2:
        text =
          text.slice(0, at) +
          pick(random, ["(", ")", "[", "]", "{", "}", '"', "@", ":", "by", "é", "\u{1f600}"]) +
          text.slice(at);
        break;
      default:
        text = text.slice(0, at) + String.fromCharCode(Math.floor(random() * 256)) + text.slice(at + 1);
    }
  }
  return text;
}

export function randomBytes(random: Random): string {
  const length = Math.floor(random() * 60);
  let text = "";
  for (let i = 0; i < length; i++) text += String.fromCharCode(Math.floor(random() ** 3 * 0x10000));
  return text;
}
