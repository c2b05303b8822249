import { expect, test } from "vitest";
import type { LogPush } from "../loki/push.ts";
import { decodeBulk, decodeJsonLines } from "./decode.ts";

const options = { streamFields: [], timeField: undefined, lineField: undefined, job: "jsonline", nowNs: 1n };

function show({ streams }: LogPush): string[] {
  return streams.flatMap(({ labels, timesNs, lines, metadata }) =>
    lines.map((line, i) =>
      [labels.toString(), timesNs[i], Buffer.from(line).toString(), (metadata?.[i] ?? []).join(" ")].join(
        " | ",
      ),
    ),
  );
}

test.each([
  ['{"message":"hi","@timestamp":"1970-01-01T00:00:01.5Z"}', '{job="jsonline"} | 1500000000 | hi | '],
  [
    '{"log":"hi","kubernetes":{"pod_name":"p","labels":{"a":"b"}}}',
    '{job="jsonline", pod="p"} | 1 | hi | kubernetes_labels_a b',
  ],
  ['{"msg":"hi","time":1700000000123,"n":5}', '{job="jsonline"} | 1700000000123000000 | hi | n 5'],
  ['{"a":1}', '{job="jsonline"} | 1 | {"a":1} | '],
])("%s", (line, expected) => {
  expect(show(decodeJsonLines(Buffer.from(line), options))).toEqual([expected]);
});

test("a field that is named is used", () => {
  const body = Buffer.from('{"text":"hi","when":"5","who":"me"}\n');
  const named = { ...options, streamFields: ["who"], timeField: "when", lineField: "text" };
  expect(show(decodeJsonLines(body, named))).toEqual(['{job="jsonline", who="me"} | 5000000000 | hi | ']);
});

test("bad lines are left out and told", () => {
  const push = decodeJsonLines(Buffer.from('no\n[]\n{"msg":"x","time":"never"}\n{"msg":"good"}'), options);
  expect(show(push)).toEqual(['{job="jsonline"} | 1 | good | ']);
  expect(push.errorCount).toBe(3);
  expect(push.errors[2]!.message).toContain('time is "never", which is no time');
});

test("bulk requests", () => {
  const body = '{"create":{"_index":"app"}}\n{"message":"a"}\n{"index":{}}\nbroken\n';
  const push = decodeBulk(Buffer.from(body), options);
  expect(show(push)).toEqual(['{job="app"} | 1 | a | ']);
  expect(push.items.map(({ action, error }) => [action, error === undefined])).toEqual([
    ["create", true],
    ["index", false],
  ]);
  expect(() => decodeBulk(Buffer.from('{"delete":{}}\n'), options)).toThrow("line 1: expected");
});
