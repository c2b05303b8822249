import { expect, test } from "vitest";
import { HISTORY_MAX } from "../limits.ts";
import { parseFlatSearch, stringifyFlatSearch } from "./flat-search.ts";
import { KeySequence } from "./key-sequence.ts";
import { withQuery } from "./query-history.ts";

test("a URL's search is flat text and comes back as it was", () => {
  const search = { "g0.expr": 'up{job="a b"} + 1', "g0.tab": "1", q: "ü&=?#" };
  expect({ ...parseFlatSearch(stringifyFlatSearch(search)) }).toEqual(search);
});

test("what is empty or not text stays out of the URL", () => {
  expect(stringifyFlatSearch({ a: "", b: undefined, c: 1 })).toBe("");
  expect(parseFlatSearch("?__proto__=x")["__proto__"]).toBe("x");
});

test("sequences of keys", () => {
  const keys = new KeySequence(["g h", "g m", "/", "m"]);
  expect(keys.press("/", 0)).toBe("/");
  expect(keys.press("g", 10)).toBeUndefined();
  expect(keys.press("m", 20)).toBe("g m");
  expect(keys.press("m", 30)).toBe("m");
  // Too late, so the second key stands for itself.
  keys.press("g", 100);
  expect(keys.press("m", 100 + 5000)).toBe("m");
  // A wrong second key ends the sequence.
  keys.press("g", 10_000);
  expect(keys.press("x", 10_010)).toBeUndefined();
  expect(keys.press("h", 10_020)).toBeUndefined();
});

test("past queries stand once each, the newest first, and are bounded", () => {
  expect(withQuery(["a", "b"], "b")).toEqual(["b", "a"]);
  const full = Array.from({ length: HISTORY_MAX }, (_, index) => `q${index}`);
  expect(withQuery(full, "new")).toHaveLength(HISTORY_MAX);
  expect(withQuery(full, "new")[0]).toBe("new");
});
