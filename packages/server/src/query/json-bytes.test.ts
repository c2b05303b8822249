import { expect, test } from "vitest";
import { JsonBytes } from "./json-bytes.ts";

test("texts of any script and points, past what was expected", () => {
  const out = new JsonBytes(10);
  const times = Float64Array.from({ length: 3000 }, (_, i) => i * 1500);
  out.text('{"é":"漢字 🧭"}');
  out.points(times, times);
  out.text("\n");
  const points = Array.from(times, (time) => `[${time / 1000},"${time}"]`.replace(/\.5,/, ".500,"));
  expect(new TextDecoder().decode(out.take())).toBe(`{"é":"漢字 🧭"}${points.join(",")}\n`);
  expect(out.length).toBe(0);
});
