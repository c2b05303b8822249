/**
 * The k best of a row of values. Which of several equal ones stay is decided by the heap that holds them, as
 * it is in Prometheus, so that a tie is broken the same way there and here.
 */

/** Whether `a` gives way to `b`; NaN gives way to everything. */
export type GivesWay = (a: number, b: number) => boolean;

/** Indexes of at most `limit` candidates, best first. */
export function bestOf(
  candidates: readonly number[],
  valueOf: (index: number) => number,
  limit: number,
  givesWay: GivesWay,
): readonly number[] {
  const heap: number[] = [];
  const isBelow = (i: number, j: number): boolean => {
    const a = valueOf(heap[i]!);
    return Number.isNaN(a) || givesWay(a, valueOf(heap[j]!));
  };
  const swap = (i: number, j: number): void => {
    [heap[i], heap[j]] = [heap[j]!, heap[i]!];
  };
  const rise = (from: number): void => {
    for (let i = from; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!isBelow(i, parent)) break;
      swap(i, parent);
      i = parent;
    }
  };
  const sink = (): void => {
    for (let i = 0; ;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBelow(child + 1, child)) child++;
      if (!isBelow(child, i)) break;
      swap(i, child);
      i = child;
    }
  };
  for (const candidate of candidates) {
    if (heap.length < limit) {
      heap.push(candidate);
      rise(heap.length - 1);
      continue;
    }
    const worst = valueOf(heap[0]!);
    const value = valueOf(candidate);
    if (!givesWay(worst, value) && !(Number.isNaN(worst) && !Number.isNaN(value))) continue;
    heap[0] = candidate;
    sink();
  }
  return heap.sort((i, j) => {
    const a = valueOf(i);
    const b = valueOf(j);
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return givesWay(a, b) ? 1 : givesWay(b, a) ? -1 : 0;
  });
}
