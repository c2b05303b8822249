/** How far a command is, for the person who waits for it. */

/** Shows on a terminal how far a command is, and nothing elsewhere. */
export class Progress implements Disposable {
  readonly #what: string;
  readonly #total: number;
  #shownMs = 0;

  constructor(what: string, total: number) {
    this.#what = what;
    this.#total = total;
  }

  show(done: number): void {
    const nowMs = performance.now();
    if (!process.stderr.isTTY || nowMs - this.#shownMs < 100) return;
    this.#shownMs = nowMs;
    const share = this.#total === 0 ? 1 : Math.min(1, done / this.#total);
    const bar = "█".repeat(Math.round(share * 30)).padEnd(30, "░");
    process.stderr.write(`\r${bar} ${Math.floor(share * 100)} % ${this.#what}`);
  }

  [Symbol.dispose](): void {
    if (this.#shownMs > 0) process.stderr.write("\r\u001b[K");
  }
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints the largest counts of a table. */
export function printTop(title: string, counts: ReadonlyMap<string, number>, limit: number): void {
  print(`\n${title}`);
  const top = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, limit);
  for (const [key, count] of top) print(`${String(count).padStart(12)}  ${key}`);
}
