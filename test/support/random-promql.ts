/**
 * Random PromQL over known metrics, typed so that nearly all of it evaluates: every operator, aggregation and
 * function that Prometheus 3.5 has.
 *
 * Never generated, because Prometheus changed it after 3.5: first_over_time, ts_of_first_over_time,
 * histogram_quantiles, start_timestamp, start(), end(), range(), step(), min_of and max_of as scalars,
 * anchored and smoothed, fill modifiers, trimming of histograms (new in 3.6 and later).
 *
 * histogram_fraction of classic buckets, which 3.5 takes in the order of their labels' text, +Inf first, and
 * so finds no fraction; mad_over_time of NaNs, which it sorts among the numbers; rates of native histograms
 * that were empty within a window's length, which it extrapolates below zero;
 *
 * day_of_year of what is no time, which changes with the Go that Prometheus was built by.
 */
import { seededRandom } from "@binnacle/model";

/** Metrics by what they hold; every metric has the labels `a`, `b`, `instance` or some of them. */
export interface Metrics {
  readonly counters: readonly string[];
  readonly gauges: readonly string[];
  /** Classic buckets. */
  readonly buckets: readonly string[];
  /** Native histograms, and mixes of them with floats. */
  readonly histograms: readonly string[];
  /** Series that info series describe. */
  readonly described: readonly string[];
  readonly labels: readonly string[];
  /** Matchers in braces, the empty text among them. */
  readonly matchers: readonly string[];
  /** Unix seconds within the data. */
  readonly timeSeconds: number;
}

const MATH = [
  "abs acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log10 log2 rad sgn sin sinh sqrt tan",
  "tanh round timestamp sort sort_desc absent day_of_month day_of_week days_in_month hour minute",
  "month year histogram_count histogram_sum histogram_avg histogram_stddev histogram_stdvar",
].flatMap((line) => line.split(" "));
const OVER_TIME = [
  "avg min max sum count stddev stdvar last present absent ts_of_max ts_of_min ts_of_last",
].flatMap((line) => line.split(" ").map((name) => `${name}_over_time`));
const OF_RANGE = ["rate", "increase", "delta", "irate", "idelta", "deriv", "changes", "resets"];
const SIMPLE_AGGREGATIONS = ["sum", "avg", "count", "min", "max", "group"];
const ARITHMETIC = ["+", "-", "*", "/", "%", "^", "atan2"];
const COMPARISON = ["==", "!=", "<", "<=", ">", ">="];
const RANGES = ["15s", "50s", "1m", "2m30s", "5m", "10m", "30m"];
const STEPS = ["", "15s", "37s", "1m", "2m"];
const NUMBERS = ["0", "1", "-1", "2", "0.5", "-0.5", "1.5", "10", "1e3", "NaN", "Inf", "-Inf", "0x1F"];
const FRACTION_BOUNDS = ["0", "0.1", "0.5", "2", "-1"];
/** Ranks that fall on no edge of a bucket, where the last digit of a sum would decide. */
const QUANTILES_OF_NATIVE = ["0", "0.137", "0.4973", "0.913", "0.9871", "1", "-0.1", "1.2", "NaN"];
/** Second arguments of info(). */
const INFO_MATCHERS = [
  "",
  ', {version=~".+"}',
  ', {version="2"}',
  ', {region="north"}',
  ', {region=~".*"}',
  ', {__name__="build_info"}',
  ', {__name__=~".+_info"}',
  ', {__name__="build_info", version!=""}',
  ', {absent_label=~".+"}',
];
const QUANTILES = ["0", "0.1", "0.5", "0.9", "0.99", "1", "-0.1", "1.2", "NaN"];

/** What makes anything of the last digits of the huge numbers that powers are. */
const PERIODIC = new Set(["sin", "cos", "tan"]);

function steady(operator: string, operands: string): string {
  return operator === "%" && operands.includes("^") ? "-" : operator;
}

export class RandomPromql {
  readonly #metrics: Metrics;
  readonly #next: () => number;

  constructor(metrics: Metrics, seed: number) {
    this.#metrics = metrics;
    const random = seededRandom(seed);
    this.#next = () => random.next();
  }

  /** An expression for a query: mostly vectors. */
  query(): string {
    const depth = 1 + Math.floor(this.#next() * 3);
    return this.#chance(0.06) ? this.#scalar(depth) : this.#vector(depth);
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#next() * from.length)]!;
  }

  #chance(share: number): boolean {
    return this.#next() < share;
  }

  #vector(depth: number): string {
    if (depth <= 0) return this.#selector();
    const choice = Math.floor(this.#next() * 15);
    switch (choice) {
      case 0:
      case 1:
        return this.#aggregation(depth - 1);
      case 2:
      case 3:
        return this.#overRange(depth - 1);
      case 4:
        return this.#binary(depth - 1);
      case 5:
        return this.#setOperation(depth - 1);
      case 6:
        return this.#vectorAndScalar(depth - 1);
      case 7:
        return this.#ofVector(depth - 1);
      case 8:
        return this.#withArguments(depth - 1);
      case 9:
        return this.#labelFunction(depth - 1);
      case 10:
        return this.#quantileOfHistogram(depth - 1);
      case 11:
        return this.#pick([`-${this.#vector(0)}`, `(${this.#vector(depth - 1)})`, `+${this.#vector(0)}`]);
      case 12:
        return `vector(${this.#scalar(depth - 1)})`;
      case 13:
        return this.#chance(0.3) ? this.#info() : this.#selector();
      default:
        return this.#selector();
    }
  }

  #ofVector(depth: number): string {
    const vector = this.#vector(depth);
    const name = this.#pick(MATH);
    return PERIODIC.has(name) && vector.includes("^") ? `abs(${vector})` : `${name}(${vector})`;
  }

  #info(): string {
    const name = this.#pick(this.#metrics.described);
    // With @ and offset 3.5 takes the info series of the step, later that of the samples.
    const selector = `${name}${this.#pick(["", '{a="x"}', '{instance!="host-1"}'])}`;
    const vector = this.#chance(0.5) ? selector : `rate(${selector}[${this.#pick(RANGES)}])`;
    return `info(${vector}${this.#pick(INFO_MATCHERS)})`;
  }

  #scalar(depth: number): string {
    if (depth <= 0) return this.#pick(NUMBERS);
    switch (Math.floor(this.#next() * 6)) {
      case 0:
        return "time()";
      case 1:
        return `scalar(${this.#vector(depth - 1)})`;
      case 2: {
        const operator = this.#pick([...ARITHMETIC, ...COMPARISON.map((each) => `${each} bool`)]);
        return `(${this.#scalar(depth - 1)} ${operator} ${this.#scalar(depth - 1)})`;
      }
      case 3:
        return `-${this.#scalar(0)}`;
      case 4:
        return "pi()";
      default:
        return this.#pick(NUMBERS);
    }
  }

  #name(): string {
    const { counters, gauges, buckets, histograms } = this.#metrics;
    return this.#pick(this.#pick([counters, gauges, gauges, buckets, histograms]));
  }

  #selector(name = this.#name()): string {
    return `${name}${this.#pick(this.#metrics.matchers)}${this.#modifiers()}`;
  }

  #modifiers(): string {
    let text = "";
    if (this.#chance(0.15)) text += ` offset ${this.#pick(["1m", "37s", "5m", "-1m", "-10m"])}`;
    if (this.#chance(0.1)) {
      const second = this.#metrics.timeSeconds - Math.floor(this.#next() * 1800);
      text += ` @ ${this.#pick(["start()", "end()", String(second), `${second}.25`])}`;
    }
    return text;
  }

  #range(depth: number, name?: string): string {
    const range = this.#pick(RANGES);
    if (depth > 0 && this.#chance(0.25)) {
      return `(${this.#vector(depth - 1)})[${range}:${this.#pick(STEPS)}]${this.#modifiers()}`;
    }
    return `${name ?? this.#name()}${this.#pick(this.#metrics.matchers)}[${range}]${this.#modifiers()}`;
  }

  #overRange(depth: number): string {
    switch (Math.floor(this.#next() * 5)) {
      case 0:
        return `quantile_over_time(${this.#quantile(depth)}, ${this.#range(depth)})`;
      case 1:
        return `predict_linear(${this.#range(depth)}, ${this.#pick(["60", "3600", "-10"])})`;
      case 2:
        return `double_exponential_smoothing(${this.#range(depth)}, ${this.#pick(["0.3", "0.9"])}, 0.2)`;
      case 3:
        // Of NaNs 3.5 finds a median deviation, which later is NaN: only counters, which have none.
        if (this.#chance(0.08)) return `mad_over_time(${this.#range(0, this.#pick(this.#metrics.counters))})`;
        return `${this.#pick(OVER_TIME)}(${this.#range(depth)})`;
      default:
        return `${this.#pick(OF_RANGE)}(${this.#range(depth)})`;
    }
  }

  #aggregation(depth: number): string {
    const grouping = this.#grouping();
    const vector = this.#vector(depth);
    const simple = this.#pick(SIMPLE_AGGREGATIONS);
    switch (Math.floor(this.#next() * 8)) {
      case 0:
        return `${this.#pick(["topk", "bottomk"])}${grouping}(${this.#pick(["0", "1", "2", "5"])}, ${this.#ordered()})`;
      case 1:
        return `quantile${grouping}(${this.#quantile(depth)}, ${vector})`;
      case 2:
        return `count_values${grouping}("${this.#pick(["value", "a"])}", ${this.#ordered()})`;
      case 3:
        return `limitk${grouping}(${this.#pick(["1", "3"])}, ${this.#ordered()})`;
      case 4:
        return `limit_ratio${grouping}(${this.#pick(["0.3", "-0.7", "0.5", "1"])}, ${vector})`;
      case 5:
        // The variance of equal values is all last digits.
        return `${this.#pick(["stddev", "stdvar"])}${grouping}(${this.#ordered()})`;
      default:
        return `${simple}${grouping}(${vector})`;
    }
  }

  /**
   * What to choose among, or to take for text: Prometheus gives the results of operators in any order, so
   * ties there are broken anyhow; and texts show the last digit, in which two arctangents may differ.
   */
  #ordered(): string {
    const { counters, gauges } = this.#metrics;
    const name = this.#pick([...counters, ...gauges]);
    return this.#chance(0.5) ? this.#selector(name) : `${this.#pick(OF_RANGE)}(${this.#range(0, name)})`;
  }

  #quantile(depth: number): string {
    return this.#chance(0.9) ? this.#pick(QUANTILES) : this.#scalar(depth);
  }

  #grouping(): string {
    if (this.#chance(0.3)) return "";
    return ` ${this.#pick(["by", "without"])} (${this.#someLabels()}) `;
  }

  #someLabels(): string {
    return this.#metrics.labels.filter(() => this.#chance(0.4)).join(", ");
  }

  #matching(): string {
    if (this.#chance(0.35)) return "";
    const on = `${this.#pick(["on", "ignoring"])} (${this.#someLabels()})`;
    if (this.#chance(0.5)) return on;
    return `${on} ${this.#pick(["group_left", "group_right"])} (${this.#chance(0.5) ? this.#pick(this.#metrics.labels) : ""})`;
  }

  #binary(depth: number): string {
    const operator = this.#chance(0.6)
      ? this.#pick(ARITHMETIC)
      : this.#pick(COMPARISON) + this.#pick(["", " bool"]);
    // Half of the time the sides are alike, so that they match. A power enlarges what its base is off by in
    // the last digit, so bases are samples as they are.
    const left = operator === "^" ? this.#selector() : this.#vector(depth);
    const right = this.#chance(0.5) ? left : this.#vector(depth);
    return `(${left}) ${steady(operator, left + right)} ${this.#matching()} (${right})`;
  }

  #setOperation(depth: number): string {
    const matching = this.#chance(0.4) ? "" : `${this.#pick(["on", "ignoring"])} (${this.#someLabels()})`;
    return `(${this.#vector(depth)}) ${this.#pick(["and", "or", "unless"])} ${matching} (${this.#vector(depth)})`;
  }

  #vectorAndScalar(depth: number): string {
    const operator = this.#chance(0.6)
      ? this.#pick(ARITHMETIC)
      : this.#pick(COMPARISON) + this.#pick(["", " bool"]);
    const vector = `(${operator === "^" ? this.#selector() : this.#vector(depth)})`;
    const scalar = operator === "^" ? this.#scalar(0) : this.#scalar(depth);
    const steadied = steady(operator, vector);
    return this.#chance(0.5) ? `${vector} ${steadied} ${scalar}` : `${scalar} ${steadied} ${vector}`;
  }

  #withArguments(depth: number): string {
    const vector = this.#vector(depth);
    return this.#pick([
      `clamp(${vector}, ${this.#scalar(0)}, ${this.#scalar(depth)})`,
      `clamp_min(${vector}, ${this.#scalar(depth)})`,
      `clamp_max(${vector}, ${this.#scalar(depth)})`,
      `round(${vector}, ${this.#pick(["0.1", "5", "0.25"])})`,
      `absent_over_time(${this.#range(depth)})`,
      `day_of_year(${this.#selector(this.#pick(this.#metrics.counters))})`,
    ]);
  }

  #labelFunction(depth: number): string {
    const vector = this.#vector(depth);
    const [from, to] = [this.#pick(this.#metrics.labels), this.#pick([...this.#metrics.labels, "new"])];
    return this.#pick([
      `label_replace(${vector}, "${to}", "x$1", "${from}", "(.*)")`,
      `label_replace(${vector}, "${to}", "$2-\${1}", "${from}", "(.)(.*)")`,
      `label_replace(${vector}, "${to}", "", "${from}", "[a-m].*")`,
      `label_join(${vector}, "${to}", "-", "${from}", "a")`,
      `sort_by_label(${vector}, "${from}")`,
      `sort_by_label_desc(${vector}, "${from}", "a")`,
    ]);
  }

  #quantileOfHistogram(depth: number): string {
    const { buckets, histograms } = this.#metrics;
    const isQuantile = this.#chance(0.8);
    const name = this.#pick(isQuantile ? [...buckets, ...histograms] : histograms);
    const rates = `rate(${this.#range(0, name)})`;
    const input = this.#pick([
      rates,
      this.#selector(name),
      `sum by (le, ${this.#pick(this.#metrics.labels)}) (${rates})`,
      `sum by (le) (${rates})`,
    ]);
    const quantile = buckets.includes(name) ? this.#quantile(depth) : this.#pick(QUANTILES_OF_NATIVE);
    return isQuantile
      ? `histogram_quantile(${quantile}, ${input})`
      : `histogram_fraction(${this.#pick(FRACTION_BOUNDS)}, ${this.#pick(FRACTION_BOUNDS)}, ${input})`;
  }
}
