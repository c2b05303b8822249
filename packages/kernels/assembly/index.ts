// The module's exports. Each kernel is a leaf function on addresses and numbers: it allocates nothing and
// keeps nothing between calls. The wrappers in ../src lay its inputs and outputs out in memory, from
// heapStart upwards.
export { countLiteral, findLiteral } from "./literal";
export { unpackDeltas } from "./delta";
export { writePoints, writeTimes } from "./decimal";
export { parseGuided } from "./exposition";
export { scanSeries } from "./write-request";
export { unpackSnappy } from "./snappy";
export { readJsonEntries, readLokiEntries } from "./log-entries";
export { hashOf, markWords, splitLines } from "./split-lines";

/** First address that the wrappers may use. */
export function heapStart(): usize {
  return __heap_base;
}
