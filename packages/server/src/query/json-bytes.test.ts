import { seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { JsonBytes } from "./json-bytes.ts";
import { formatValue } from "./json-number.ts";

const ODD = [0, -0, 1, -1, NaN, Infinity, -Infinity, 1e9, 999_999_999, 1e21, 5e-324, 0.1, 4_294_967_296];

test("numbers are written as one by one, also those that come again and grow the buffer", () => {
  const source = seededRandom(7);
  const random = (): number => source.next();
  const pool = [...ODD, ...Array.from({ length: 300 }, () => (random() - 0.5) * 10 ** (random() * 40 - 20))];
  const out = new JsonBytes();
  let wanted = "";
  for (let i = 0; i < 20_000; i++) {
    const value = random() < 0.9 ? pool[Math.floor(random() * pool.length)]! : random();
    out.quoted(value);
    out.close();
    wanted += `"${formatValue(value)}"]`;
  }
  expect(new TextDecoder().decode(out.take())).toBe(wanted);
});

test("texts of any script, and pieces of what was written before", () => {
  const first = new JsonBytes();
  first.text('{"é":"漢字 🧭"}');
  const bytes = first.take();
  const second = new JsonBytes();
  second.copy(bytes, 0, bytes.length);
  second.text("\n");
  expect(new TextDecoder().decode(second.take())).toBe('{"é":"漢字 🧭"}\n');
  expect(second.length).toBe(0);
});
