/** Loki's push in both of its forms, and its label sets. */
import { BinnacleError, Labels, type LogEntries, PackedEntries, seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { ENTRY_ERRORS_MAX } from "../limits.ts";
import { ProtobufWriter } from "../protobuf/writer.ts";
import { snappyDecompress } from "../snappy.ts";
import { decodeLokiJson } from "./json.ts";
import { formatLabelSet, parseLabelSet } from "./label-set.ts";
import { encodeLokiPush, LokiDecoder } from "./protobuf.ts";
import { PlainJsonReader } from "./plain-json.ts";
import type { LogPush } from "./push.ts";

const json = (value: unknown): LogPush => decodeLokiJson(Buffer.from(JSON.stringify(value)));
const stream = (...values: unknown[]) => ({ streams: [{ stream: { app: "x" }, values }] });

/** A push as lines `labels time line metadata`. */
function show(push: LogPush): string[] {
  return push.streams.flatMap(({ labels, timesNs, lines, metadata }) =>
    lines.map((line, i) =>
      [labels.toString(), timesNs[i], Buffer.from(line).toString(), ...(metadata?.[i] ?? [])].join(" "),
    ),
  );
}

test.each([
  [{ streams: [] }, []],
  [stream(["1", "a"], ["2", "b"]), ['{app="x"} 1 a', '{app="x"} 2 b']],
  [stream(["1700000000000000001", "é\n😀"]), ['{app="x"} 1700000000000000001 é\n😀']],
  [stream(["-1", ""]), ['{app="x"} -1 ']],
  [stream(["1", "a", { k: "v", l: "w" }], ["2", "b", {}]), ['{app="x"} 1 a k v l w', '{app="x"} 2 b']],
  [
    {
      streams: [
        { stream: { a: "1" }, values: [["1", "x"]] },
        { stream: { b: "2" }, values: [["2", "y"]] },
      ],
      extra: 1,
    },
    ['{a="1"} 1 x', '{b="2"} 2 y'],
  ],
])("JSON %j", (body, lines) => {
  const push = json(body);
  expect(show(push)).toEqual(lines);
  expect(push).toMatchObject({ entryCount: lines.length, errors: [], errorCount: 0 });
});

test.each([
  [
    stream([1, "a"], ["2", "b"]),
    "stream 0, entry 0: expected the timestamp to be a text of nanoseconds, found the number 1",
  ],
  [
    stream(["x", "a"], ["2", "b"]),
    'stream 0, entry 0: the timestamp "x" is not a whole number of nanoseconds',
  ],
  [stream(["1.5", "a"], ["2", "b"]), 'the timestamp "1.5" is not a whole number'],
  [stream(["9223372036854775808", "a"], ["2", "b"]), "is not a whole number of nanoseconds in 64 bits"],
  [stream(["1", 5], ["2", "b"]), "expected the line to be a text, found the number 5"],
  [
    stream(["1"], ["2", "b"]),
    'expected [timestamp, line] or [timestamp, line, metadata], found the list ["1"]',
  ],
  [stream("1", ["2", "b"]), "expected [timestamp, line]"],
  [stream(["1", "a", "m"], ["2", "b"]), "expected the metadata to be an object, found the string"],
  [stream(["1", "a", { k: 1 }], ["2", "b"]), 'expected the metadata "k" to be a text, found the number 1'],
])("JSON with a bad entry keeps the others: %j", (body, message) => {
  const push = json(body);
  expect(show(push)).toEqual(['{app="x"} 2 b']);
  expect(push.errorCount).toBe(1);
  expect(push.errors[0]?.message).toContain(message);
  expect(push.errors[0]).toMatchObject({ stream: 0, index: 0 });
});

test.each([
  [null, "expected an object with"],
  [{ values: [] }, 'expected "stream" to be an object of labels, found nothing'],
  [{ stream: {}, values: [["1", "a"]] }, "a stream needs at least one label"],
  [{ stream: { a: "" }, values: [] }, "a stream needs at least one label"],
  [{ stream: { "a.b": "c" }, values: [] }, '"a.b" is not a label name'],
  [{ stream: { a: 1 }, values: [] }, 'the value of label "a" to be a text, found the number 1'],
  [{ stream: { a: "b" }, values: {} }, 'expected "values" to be a list, found the object {}'],
])("JSON with the bad stream %j keeps the others", (bad, message) => {
  const push = json({ streams: [bad, { stream: { app: "x" }, values: [["2", "b"]] }] });
  expect(show(push)).toEqual(['{app="x"} 2 b']);
  expect(push.errors).toMatchObject([{ stream: 0, index: -1 }]);
  expect(push.errors[0]?.message).toContain(message);
});

test.each(["", "{", "[]", "1", "null", "{}", '{"streams": {}}', '{"streams": [1]}x', "\u0000"])(
  "the body %j is refused",
  (body) => {
    expect(() => decodeLokiJson(Buffer.from(body))).toThrow(
      expect.objectContaining({ code: "BAD_BODY" }) as Error,
    );
  },
);

test("of very many bad entries only the first are described, all are counted", () => {
  const { errors, errorCount } = json(stream(...Array.from({ length: 50 }, () => [1, "a"])));
  expect([errors.length, errorCount]).toEqual([ENTRY_ERRORS_MAX, 50]);
});

function randomStreams(seed: number): LogEntries[] {
  const random = seededRandom(seed);
  return Array.from({ length: random.below(5) }, (_, i) => {
    const count = 1 + random.below(6);
    const hasMetadata = random.below(2) === 0;
    return {
      labels: Labels.fromObject({ app: `a${i}`, text: ["", 'q"\\', "\n\t\r", "é😀", "`"][random.below(5)]! }),
      timesNs: BigInt64Array.from(
        { length: count },
        () => BigInt(random.below(2) === 0 ? -random.below(1e9) : random.below(1e9)) * 1_000_000_007n,
      ),
      lines: Array.from({ length: count }, () =>
        Uint8Array.from({ length: random.below(300) }, () => random.below(256)),
      ),
      metadata: hasMetadata ? Array.from({ length: count }, (_, j) => ["trace", `t${j}`]) : undefined,
    };
  });
}

test("protobuf: what is encoded is decoded", () => {
  const decoder = new LokiDecoder();
  for (let seed = 1; seed <= 100; seed++) {
    const streams = randomStreams(seed);
    const push = decoder.decode(encodeLokiPush(streams));
    const plain = push.streams.map(({ labels, timesNs, lines, metadata }) => ({
      labels,
      timesNs,
      lines: lines.map((line) => Uint8Array.from(line)),
      metadata,
    }));
    expect(plain, `seed ${seed}`).toEqual(streams);
    expect(push.errorCount, `seed ${seed}`).toBe(0);
  }
});

test("protobuf: bad streams and entries are named and the others kept", () => {
  const writer = new ProtobufWriter();
  const entry = (seconds: number, nanoseconds: number, line: string): void => {
    writer.message(2, () => {
      writer.message(1, () => {
        writer.int64(1, seconds);
        writer.int64(2, nanoseconds);
      });
      writer.string(2, line);
    });
  };
  for (const labels of ['{a="1"}', "{a=1}", "{}", '{b="2"}']) {
    writer.message(1, () => {
      writer.string(1, labels);
      entry(1, 5, "good");
      entry(Number.MAX_SAFE_INTEGER, 0, "far");
      entry(1, 1_000_000_000, "too many");
    });
  }
  const push = new LokiDecoder().decodeMessage(writer.written);
  expect(show(push)).toEqual(['{a="1"} 1000000005 good', '{b="2"} 1000000005 good']);
  expect(push.errors.filter(({ index }) => index < 0).map(({ stream }) => stream)).toEqual([1, 2]);
  expect(push.errors.filter(({ stream }) => stream === 3).map(({ index }) => index)).toEqual([1, 2]);
});

test("protobuf cut off or changed at any byte is decoded or refused, never worse", () => {
  const good = Uint8Array.from(snappyDecompress(encodeLokiPush(randomStreams(4))));
  expect(good.length).toBeGreaterThan(100);
  const random = seededRandom(2);
  for (let i = 0; i < good.length + 3000; i++) {
    const bytes = i < good.length ? good.slice(0, i) : good.slice();
    if (i >= good.length) bytes[random.below(bytes.length)] = random.below(256);
    try {
      new LokiDecoder().decodeMessage(bytes);
    } catch (error) {
      if (!(error instanceof BinnacleError)) throw error;
      expect(error.code).toBe("BAD_BODY");
    }
  }
});

test.each([
  ["{}", "{}"],
  ['{a="b"}', '{a="b"}'],
  [' { a = "b" , c=`d\\n"` , } ', '{a="b", c="d\\\\n\\""}'],
  ['{b="2",a="1"}', '{a="1", b="2"}'],
  [String.raw`{a="\n\t\\\"\x41\101\u00e9\U0001f600"}`, '{a="\\n\\t\\\\\\"AAé😀"}'],
  [String.raw`{a="\xc3\xa9"}`, '{a="é"}'],
])("the label set %s", (text, formatted) => {
  const labels = parseLabelSet(text);
  expect(formatLabelSet(labels)).toBe(formatted);
  expect(parseLabelSet(formatted).pairs).toEqual(labels.pairs);
});

test.each([
  ["", "column 1: expected {"],
  ["{", "column 2: expected a label name"],
  ["{a}", "column 3: expected ="],
  ["{a=}", "column 4: expected a text in quotes"],
  ["{a='b'}", "column 4: expected a text in quotes"],
  ['{a="b}', "column 4: expected a text in quotes"],
  ['{a="b" c="d"}', "column 8: expected ,"],
  ['{a="b"}x', "column 8: expected nothing behind }"],
  ['{a="b",a="c"}', 'label name "a" is not unique'],
  [String.raw`{a="\q"}`, "column 4: the text has a bad escape"],
  [String.raw`{a="\xff"}`, "the text has a bad escape"],
  [String.raw`{a="\ud800"}`, "the text has a bad escape"],
  ['{a="\n"}', "the text has a bad escape"],
  ['{1a="b"}', "column 2: expected a label name"],
])("the label set %j is refused", (text, message) => {
  expect(() => parseLabelSet(text)).toThrow(message);
  expect(() => parseLabelSet(text)).toThrow(expect.objectContaining({ code: "BAD_LABELS" }) as Error);
});

/** What comes out, an error too, in a form that can be compared. */
function attempt(run: () => LogPush): unknown {
  try {
    const { streams, entryCount, errors, errorCount } = run();
    const plain = streams.map(({ labels, timesNs, lines, metadata }) => ({
      labels: labels.toString(),
      times: Array.from(timesNs, String),
      lines: lines.map((line) => Buffer.from(line).toString("hex")),
      metadata,
    }));
    return { plain, entryCount, errors, errorCount };
  } catch (error) {
    return String(error);
  }
}

test("json: the plain reader and the one for all forms say the same, whatever is changed in a body", () => {
  const reader = new LokiDecoder();
  const pieces = [
    "a",
    "é",
    "🧭",
    "\\n",
    "\\u0041",
    "\\ud83e\\udded",
    "\\ud800",
    "\\/",
    '\\"',
    " ",
    "\\u00zz",
    "\t",
  ];
  let plainCount = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const random = seededRandom(seed);
    const blank = (): string => (random.below(6) === 0 ? " \n\t"[random.below(3)]! : "");
    const line = (): string =>
      Array.from(
        { length: random.below(40) },
        () => pieces[random.below(random.below(9) === 0 ? 12 : 10)]!,
      ).join("");
    const streams = Array.from({ length: 1 + random.below(3) }, (_, i) => {
      const values = Array.from({ length: random.below(5) }, () => {
        const time = random.below(9) === 0 ? "-5" : `17000000000000000${random.below(100)}`;
        const metadata = random.below(30) === 0 ? ',{"trace":"x"}' : "";
        return `[${blank()}"${time}"${blank()},${blank()}"${line()}"${metadata}${blank()}]`;
      });
      return `{${blank()}"stream":{"app":"a${i}","q":"\\"}{"},"values":${blank()}[${values.join(`${blank()},`)}]}`;
    });
    const body = Buffer.from(`{"streams":${blank()}[${streams.join(",")}]}${blank()}`);
    if (random.below(2) === 0) body[random.below(body.length)] = random.below(256);
    const wanted = attempt(() => decodeLokiJson(body));
    expect(
      attempt(() => reader.decodeJson(body)),
      `seed ${seed}: ${body.toString()}`,
    ).toEqual(wanted);
    if (new PlainJsonReader().read(body) !== undefined) plainCount++;
  }
  expect(plainCount).toBeGreaterThan(60);
});

test("protobuf: packed streams, unpacked ones and what follows them", () => {
  const writer = new ProtobufWriter();
  const entry = (line: string): void =>
    writer.message(2, () => {
      writer.message(1, () => writer.int64(1, 1_700_000_000));
      writer.string(2, line);
    });
  writer.message(1, () => {
    writer.string(1, '{app="a"}');
    entry("packed");
    writer.int64(3, 99);
  });
  writer.message(1, () => {
    writer.string(1, '{app="b"}');
    entry("one");
    writer.int64(3, 99);
    entry("behind another field");
  });
  writer.message(1, () => {
    entry("before its labels");
    writer.string(1, '{app="c"}');
  });
  writer.message(1, () => writer.string(1, '{app="none"}'));
  const { streams, entryCount } = new LokiDecoder().decodeMessage(writer.written);
  expect(entryCount).toBe(4);
  expect(
    streams.map(({ labels, lines }) => [
      labels.toString(),
      lines.map((line) => Buffer.from(line).toString()),
    ]),
  ).toEqual([
    ['{app="a"}', ["packed"]],
    ['{app="b"}', ["one", "behind another field"]],
    ['{app="c"}', ["before its labels"]],
  ]);
  expect(streams.map((entries) => entries instanceof PackedEntries)).toEqual([true, false, false]);
});
