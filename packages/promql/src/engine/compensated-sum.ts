/**
 * Sums that carry what rounding loses (Kahan's idea with Neumaier's improvement), bit for bit as Prometheus
 * has them: an infinite sum loses its compensation, so that it stays infinite instead of becoming NaN.
 */
export class CompensatedSum {
  sum: number;
  compensation = 0;

  constructor(sum = 0) {
    this.sum = sum;
  }

  add(value: number): void {
    const sum = this.sum + value;
    if (sum === Infinity || sum === -Infinity) this.compensation = 0;
    else if (Math.abs(this.sum) >= Math.abs(value)) this.compensation += this.sum - sum + value;
    else this.compensation += value - sum + this.sum;
    this.sum = sum;
  }

  get total(): number {
    return this.sum === Infinity || this.sum === -Infinity ? this.sum : this.sum + this.compensation;
  }
}

/** The mean: of the compensated sum while that does not overflow, from then on moved sample by sample. */
export class CompensatedMean {
  #count: number;
  #sum: number;
  #compensation: number;
  #isIncremental = false;

  /** Goes on from a sum of some values that is finite. */
  constructor(count = 0, sum = 0, compensation = 0) {
    this.#count = count;
    this.#sum = sum;
    this.#compensation = compensation;
  }

  add(value: number): void {
    this.#count++;
    if (this.#count === 1) {
      this.#sum = value;
      return;
    }
    if (!this.#isIncremental) {
      const next = new CompensatedSum(this.#sum);
      next.compensation = this.#compensation;
      next.add(value);
      if (Number.isFinite(next.sum) || Number.isNaN(next.sum) || isInfinite(this.#sum)) {
        this.#sum = next.sum;
        this.#compensation = next.compensation;
        return;
      }
      this.#isIncremental = true;
      this.#sum /= this.#count - 1;
      this.#compensation /= this.#count - 1;
    }
    const weight = (this.#count - 1) / this.#count;
    const mean = new CompensatedSum(weight * this.#sum);
    mean.compensation = weight * this.#compensation;
    mean.add(value / this.#count);
    this.#sum = mean.sum;
    this.#compensation = mean.compensation;
  }

  get mean(): number {
    if (this.#isIncremental) return this.#sum + this.#compensation;
    return this.#sum / this.#count + this.#compensation / this.#count;
  }
}

/** The mean of values[from…to), bit for bit what CompensatedMean says of them. */
export function meanOf(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  let compensation = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    const next = sum + value;
    if (Math.abs(sum) >= Math.abs(value)) compensation += sum - next + value;
    else compensation += value - next + sum;
    sum = next;
  }
  const count = to - from;
  // The fast path holds while the sum fits a number; an overflow, and infinities, take the careful one.
  if (Number.isFinite(sum)) return sum / count + compensation / count;
  const mean = new CompensatedMean();
  for (let i = from; i < to; i++) mean.add(values[i]!);
  return mean.mean;
}

function isInfinite(value: number): boolean {
  return value === Infinity || value === -Infinity;
}
