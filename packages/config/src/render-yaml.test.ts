import { Labels } from "@binnacle/model";
import { Regexp } from "@binnacle/re2";
import { expect, test } from "vitest";
import { z } from "zod";
import { redactSecrets, renderYaml, Secret, secret } from "./index.ts";

test("classes are rendered as what a person wrote, secrets are not", () => {
  const value = {
    labels: Labels.fromObject({ a: "1" }),
    regex: Regexp.compile("a.*"),
    password: new Secret("hunter2"),
    url: "http://user:hunter2@host/path",
    nothing: undefined,
    list: [1, true, null],
  };
  expect(renderYaml(value)).toBe(
    `labels:\n  a: "1"\nregex: a.*\npassword: <secret>\nurl: http://user:<secret>@host/path\nlist:\n  - 1\n  - true\n  - null\n`,
  );
});

interface Tree {
  password?: Secret | undefined;
  children?: Tree[] | undefined;
}
const tree: z.ZodType<Tree> = z.strictObject({
  password: secret.optional(),
  children: z.array(z.lazy(() => tree)).optional(),
});

test.for<[name: string, schema: z.ZodType, raw: unknown, shown: unknown]>([
  ["plain", secret, "x", "<secret>"],
  [
    "optional, nullable and with a default",
    secret.nullable().optional().default(new Secret("")),
    "x",
    "<secret>",
  ],
  ["absent", z.object({ a: secret.optional() }), {}, {}],
  [
    "by their names where anything is taken",
    z.object({ remote: z.unknown() }),
    {
      remote: [
        {
          password: "x",
          password_file: "f",
          api_key: 1,
          headers: { Authorization: "x" },
          tls: { key: "x", key_file: "f" },
        },
        { authorization: { type: "Bearer", credentials: "x" }, secrets: ["x", null] },
      ],
    },
    {
      remote: [
        {
          password: "<secret>",
          password_file: "f",
          api_key: "<secret>",
          headers: { Authorization: "<secret>" },
          tls: { key: "<secret>", key_file: "f" },
        },
        { authorization: { type: "Bearer", credentials: "<secret>" }, secrets: ["<secret>", null] },
      ],
    },
  ],
  [
    "in lists and records",
    z.record(z.string(), z.array(secret)),
    { a: ["x", "y"] },
    { a: ["<secret>", "<secret>"] },
  ],
  [
    "behind a transform",
    z.object({ a: secret, b: z.string() }).transform((it) => it.a),
    { a: "x", b: "y" },
    { a: "<secret>", b: "y" },
  ],
  ["behind a preprocess", z.preprocess((it) => it, z.object({ a: secret })), { a: "x" }, { a: "<secret>" }],
  ["behind a pipe", z.object({ a: secret }).pipe(z.any()), { a: "x" }, { a: "<secret>" }],
  [
    "in any branch of a union",
    z.union([z.object({ a: z.string() }), z.object({ a: secret })]),
    { a: "x" },
    { a: "<secret>" },
  ],
  [
    "in an intersection",
    z.object({ a: secret }).and(z.object({ b: secret })),
    { a: "x", b: "y" },
    { a: "<secret>", b: "<secret>" },
  ],
  ["under unknown keys", z.object({}).catchall(secret), { a: "x" }, { a: "<secret>" }],
  [
    "in a recursive schema",
    tree,
    { children: [{ password: "x" }] },
    { children: [{ password: "<secret>" }] },
  ],
  ["where the value has another shape", z.object({ a: z.array(secret) }), { a: "x" }, { a: "x" }],
])("secrets %s", ([, schema, raw, shown]) => {
  expect(redactSecrets(schema, raw)).toEqual(shown);
});
