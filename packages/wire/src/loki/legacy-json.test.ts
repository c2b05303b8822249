import { BinnacleError } from "@binnacle/model";
import { expect, test } from "vitest";
import { decodeLegacyLokiJson } from "./legacy-json.ts";

const decode = (value: unknown) => decodeLegacyLokiJson(Buffer.from(JSON.stringify(value)));

test("streams with their labels as text", () => {
  const { streams, entryCount } = decode({
    streams: [{ labels: '{a="b"}', entries: [{ ts: "1970-01-01T00:00:01.000000005Z", line: "x" }] }],
  });
  expect(entryCount).toBe(1);
  expect(streams[0]!.labels.toString()).toBe('{a="b"}');
  expect([...streams[0]!.timesNs]).toEqual([1_000_000_005n]);
});

test.each([
  [{ labels: "{a=b}", entries: [] }, "malformed"],
  [{ labels: "{}", entries: [] }, "at least one label"],
  [{ labels: '{a="b"}' }, 'a list "entries"'],
  [{ labels: '{a="b"}', entries: [{ ts: "now", line: "x" }] }, "entry 0: expected"],
  [{ labels: '{a="b"}', entries: [{ ts: "1970-01-01T00:00:01Z" }] }, 'a text "line"'],
  [5, 'a text "labels"'],
])("%j is left out and told", (stream, message) => {
  const { errors, streams } = decode({ streams: [stream] });
  expect(streams).toEqual([]);
  expect(errors[0]!.message).toContain(message);
});

test.each(["", "[]", '{"streams":5}'])("bad body %j", (body) => {
  expect(() => decodeLegacyLokiJson(Buffer.from(body))).toThrow(BinnacleError);
});
