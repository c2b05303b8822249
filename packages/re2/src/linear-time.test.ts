/** No pattern may take more than linear time: what is slow in a backtracking engine must not be slow here. */
import process from "node:process";
import { expect, test } from "vitest";
import { Regexp } from "./index.ts";

const BOMBS: readonly (readonly [pattern: string, unit: string, end: string])[] = [
  ["(a+)+$", "a", "!"],
  ["(a|aa)+$", "a", "!"],
  ["(a|a?)+$", "a", "!"],
  ["(.*){1,1000}!", "a", ""],
  ["(?i)(a{1,20}){1,20}$", "aA", "!"],
  ["(?i)[a-z]{17,40}[0-9]", "aé", ""],
  ["(x+x+)+y", "x", ""],
  [".*a.*b.*c", "ab", ""],
  ["error.*timeout", "error ", ""],
  ["(?:error|warn).+timeout.+again", "error timeout ", ""],
  ["[a-z]+:", "a", ""],
  ["\\w+\\s*=\\s*\\d+;", "a = 1", ""],
  ["k[0-9]+;[^!]*!", "k1;", ""],
  ["id=[0-9]+;x=[a-z]+!", "id=1;x=a", ""],
  ["[^ ]+ [^ ]+ [^ ]+$", "a ", ""],
  ["(😀|😀😀)+$", "😀", "!"],
  ["a?b?c?d?e?f?g?h?i?j?k?$", "abc", "!"],
  ["(?:a?){30}a{30}", "a", ""],
  ["status=5\\d\\d.*path=[a-z]+;", "status=500 path=a", ""],
];

/** Below this the collector and the compiler have their say. */
const QUICK_MS = 4;

/** This thread's CPU time for a test, the best of several runs, in ms: a busy machine makes it no longer. */
function timeOf(re: Regexp, text: string): number {
  let best = Infinity;
  for (let i = 0; i < 5; i++) {
    const start = process.threadCpuUsage();
    re.test(text);
    best = Math.min(best, process.threadCpuUsage(start).user / 1000);
  }
  return best;
}

test.each(BOMBS)("%s on many %j takes linear time", (pattern, unit, end) => {
  for (const anchored of [false, true]) {
    const re = Regexp.compile(pattern, { anchored });
    const textOf = (count: number): string => `${unit.repeat(count)}${end}`;
    // The first text that is not quick shows how time grows from there to eight times its length.
    let count = 500;
    while (count < 64_000 && timeOf(re, textOf(count)) < QUICK_MS) count *= 2;
    const short = timeOf(re, textOf(count));
    const long = timeOf(re, textOf(8 * count));
    // Linear is 8, quadratic 64.
    const growth = long / Math.max(short, QUICK_MS);
    expect(growth, `anchored ${anchored}, ${count} times: ${short} ms`).toBeLessThan(28);
  }
});
