import { seededRandom, type Random } from "@binnacle/model";
import { expect, test } from "vitest";
import { JsonError, JsonReader } from "./json-fields.ts";

/** The fields of an object as the reader tells them. */
function fields(text: string): [string, string][] {
  const reader = new JsonReader(text);
  const found: [string, string][] = [];
  reader.readObject((key, value) => found.push([key, reader.label(value)]) > 0);
  return found;
}

test("numbers and nested values keep their text, strings lose their quotes", () => {
  const text = ' {"a" : 1.50, "b":"x\\n\\u00e9" ,"c":{"d":[1, 2]},"e":null,"f":false,"a":-2e+3}\n';
  expect(fields(text)).toEqual([
    ["a", "1.50"],
    ["b", "x\né"],
    ["c", '{"d":[1, 2]}'],
    ["e", ""],
    ["f", "false"],
    ["a", "-2e+3"],
  ]);
  expect(fields("{}")).toEqual([]);
});

test.each([
  ["", "expected an object at character 1"],
  ["[1]", "expected an object at character 1"],
  ['{"a"', "expected a colon at character 5"],
  ['{"a":', "expected a value at character 6"],
  ['{"a":nul}', "expected a value at character 6"],
  ['{"a":1', "expected a comma or the object's end"],
  ['{"a":[1}', "expected ] at character 9"],
  ["{a:1}", "expected a string at character 2"],
  ['{"a":"x', "a string is not closed"],
  [`{"a":${"[".repeat(500)}`, "expected ]"],
])("%s is no object", (text, message) => {
  expect(() => fields(text)).toThrow(JsonError);
  expect(() => fields(text)).toThrow(message);
});

test("reads on where nothing is lost by it, as Loki does", () => {
  expect(fields('{"a":1,} and more')).toEqual([["a", "1"]]);
  expect(fields('{"a":1.2.3,"b":[1,,],"c":"\\ud800"}')).toEqual([
    ["a", "1.2.3"],
    ["b", "[1,,]"],
    ["c", ""],
  ]);
});

function makeValue(random: Random, depth: number): unknown {
  switch (random.below(depth > 3 ? 5 : 7)) {
    case 0:
      return random.below(1000) / 8;
    case 1:
      return null;
    case 2:
      return random.below(2) === 0;
    case 3:
    case 4:
      return ["", 'q"uote', "back\\slash", "é\u0001", "{[,:]}"][random.below(5)];
    case 5:
      return Array.from({ length: random.below(4) }, () => makeValue(random, depth + 1));
    default:
      return makeObject(random, depth + 1);
  }
}

function makeObject(random: Random, depth: number): Record<string, unknown> {
  const keys = Array.from(
    { length: random.below(5) },
    (_, i) => `k${i}${random.below(2) === 0 ? '"\\' : ""}`,
  );
  return Object.fromEntries(keys.map((key) => [key, makeValue(random, depth)]));
}

test("reads what JSON.parse reads", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const object = makeObject(seededRandom(seed), 0);
    const wanted = Object.entries(object).map(([key, value]) => [
      key,
      typeof value === "string" ? value : value === null ? "" : JSON.stringify(value),
    ]);
    expect(fields(JSON.stringify(object)), `seed ${seed}`).toEqual(wanted);
  }
});
