import { BinnacleError } from "@binnacle/model";
import { expect, test } from "vitest";
import type { LogPush } from "../loki/push.ts";
import { decodeOtlpLogs } from "./decode.ts";

const NOW_NS = 1_700_000_000_000_000_000n;

function show({ streams }: LogPush): string[] {
  return streams.flatMap(({ labels, timesNs, lines, metadata }) =>
    lines.map((line, i) =>
      [labels.toString(), timesNs[i], Buffer.from(line).toString(), (metadata?.[i] ?? []).join(" ")].join(
        " | ",
      ),
    ),
  );
}

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const request = (record: object) => ({
  resourceLogs: [
    {
      resource: { attributes: [text("service.name", "shop"), text("host.name", "h1")] },
      scopeLogs: [{ scope: { name: "lib", version: "1" }, logRecords: [record] }],
    },
  ],
});

test.each<[object, string]>([
  [
    { timeUnixNano: "5", severityNumber: 9, severityText: "INFO", body: { stringValue: "paid" } },
    '{service_name="shop"} | 5 | paid | host_name h1 scope_name lib scope_version 1 severity_number 9 severity_text INFO',
  ],
  [
    {
      observedTimeUnixNano: "7",
      body: { kvlistValue: { values: [text("a", "b")] } },
      attributes: [text("x.y", "z")],
    },
    '{service_name="shop"} | 7 | {"a":"b"} | host_name h1 scope_name lib scope_version 1 x_y z observed_timestamp 7',
  ],
  [
    { traceId: "0a0b", spanId: "0c", attributes: [text("host.name", "own")] },
    `{service_name="shop"} | ${NOW_NS} |  | host_name own scope_name lib scope_version 1 trace_id 0a0b span_id 0c`,
  ],
])("JSON %j", (record, expected) => {
  const body = Buffer.from(JSON.stringify(request(record)));
  expect(show(decodeOtlpLogs(body, "json", NOW_NS))).toEqual([expected]);
});

const field = (number: number, bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
const string = (value: string): Buffer => field(1, Buffer.from(value));
const fixed64 = (number: number, value: bigint): Buffer => {
  const bytes = Buffer.alloc(9);
  bytes[0] = (number << 3) | 1;
  bytes.writeBigUInt64LE(value, 1);
  return bytes;
};

test("protobuf", () => {
  const attribute = Buffer.concat([string("k8s.pod.name"), field(2, string("p1"))]);
  const record = Buffer.concat([
    fixed64(1, 9n),
    Buffer.from([(2 << 3) | 0, 17]),
    field(5, string("broke")),
    field(9, Buffer.from("ff00", "hex")),
  ]);
  const body = field(1, Buffer.concat([field(1, field(1, attribute)), field(2, field(2, record))]));
  expect(show(decodeOtlpLogs(body, "protobuf", NOW_NS))).toEqual([
    '{k8s_pod_name="p1", service_name="unknown_service"} | 9 | broke | severity_number 17 trace_id ff00',
  ]);
  for (let length = 1; length < body.length; length++) {
    expect(() => decodeOtlpLogs(body.subarray(0, length), "protobuf", NOW_NS)).toThrow(BinnacleError);
  }
});

test.each(["", "[]", '{"resourceLogs":{}}', '{"resourceLogs":[{"scopeLogs":[{"logRecords":[1]}]}]}'])(
  "bad JSON %j",
  (body) => {
    expect(() => decodeOtlpLogs(Buffer.from(body), "json", NOW_NS)).toThrow(BinnacleError);
  },
);
