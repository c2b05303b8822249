import { expect, test } from "vitest";
import { Labels } from "@binnacle/model";
import { relabelConfigSchema } from "../config/relabel-config.ts";
import { hashMod, relabelLabels } from "./relabel.ts";

interface Case {
  readonly name: string;
  readonly input: Record<string, string>;
  readonly configs: readonly object[];
  /** undefined: dropped. */
  readonly output: Record<string, string> | undefined;
}

const cases: Case[] = [
  {
    name: "replace joins its sources with a semicolon and takes groups",
    input: { a: "foo", b: "bar" },
    configs: [{ source_labels: ["a", "b"], regex: "f(.*);(.*)r", target_label: "c", replacement: "$2-${1}" }],
    output: { a: "foo", b: "bar", c: "ba-oo" },
  },
  {
    name: "replace is anchored at both ends",
    input: { a: "foobar" },
    configs: [{ source_labels: ["a"], regex: "foo", target_label: "c", replacement: "x" }],
    output: { a: "foobar" },
  },
  {
    name: "replace with an empty result deletes the label",
    input: { a: "foo", b: "gone" },
    configs: [{ source_labels: ["a"], regex: "(f).*", target_label: "b", replacement: "$2" }],
    output: { a: "foo" },
  },
  {
    name: "replace without a source sets a constant",
    input: { a: "foo" },
    configs: [{ target_label: "team", replacement: "blue" }],
    output: { a: "foo", team: "blue" },
  },
  {
    name: "the target's name may be made of groups",
    input: { a: "some-name-value" },
    configs: [
      { source_labels: ["a"], regex: "some-([^-]+)-([^,]+)", target_label: "${1}", replacement: "$2" },
    ],
    output: { a: "some-name-value", name: "value" },
  },
  {
    name: "a target's name that comes out empty changes nothing",
    input: { a: "x" },
    configs: [{ source_labels: ["a"], regex: "(x)(y)?", target_label: "$2", replacement: "v" }],
    output: { a: "x" },
  },
  {
    name: "a dot takes a line feed too",
    input: { a: "one\ntwo" },
    configs: [{ source_labels: ["a"], regex: "one(.)two", target_label: "b", replacement: "matched" }],
    output: { a: "one\ntwo", b: "matched" },
  },
  {
    name: "keep",
    input: { a: "foo" },
    configs: [{ source_labels: ["a"], regex: "bar", action: "keep" }],
    output: undefined,
  },
  {
    name: "drop stops the rest",
    input: { a: "foo" },
    configs: [
      { source_labels: ["a"], regex: "f.*", action: "drop" },
      { target_label: "b", replacement: "x" },
    ],
    output: undefined,
  },
  {
    name: "keepequal",
    input: { a: "1", b: "1" },
    configs: [{ source_labels: ["a"], target_label: "b", action: "keepequal" }],
    output: { a: "1", b: "1" },
  },
  {
    name: "dropequal, absent and empty being the same",
    input: { a: "1" },
    configs: [{ source_labels: ["nothing"], target_label: "neither", action: "dropequal" }],
    output: undefined,
  },
  {
    name: "hashmod",
    input: { a: "foo", b: "bar" },
    configs: [{ source_labels: ["a", "b"], target_label: "shard", modulus: 1000, action: "hashmod" }],
    output: { a: "foo", b: "bar", shard: hashMod("foo;bar", 1000) },
  },
  {
    name: "labelmap maps what there was, not what it adds",
    input: { a1: "x", b1: "y" },
    configs: [{ regex: "(.)1", replacement: "a1${1}", action: "labelmap" }],
    output: { a1: "x", b1: "y", a1a: "x", a1b: "y" },
  },
  {
    name: "labeldrop",
    input: { a: "1", ab: "2", b: "3" },
    configs: [{ regex: "a.*", action: "labeldrop" }],
    output: { b: "3" },
  },
  {
    name: "labelkeep",
    input: { a: "1", ab: "2", b: "3" },
    configs: [{ regex: "a", action: "labelkeep" }],
    output: { a: "1" },
  },
  {
    name: "lowercase and uppercase, and actions are spelled in any case",
    input: { a: "FooBar" },
    configs: [
      { source_labels: ["a"], target_label: "low", action: "Lowercase" },
      { source_labels: ["a"], target_label: "up", action: "UPPERCASE" },
    ],
    output: { a: "FooBar", low: "foobar", up: "FOOBAR" },
  },
];

test.each(cases)("$name", ({ input, configs, output }) => {
  const parsed = configs.map((config) => relabelConfigSchema.parse(config));
  const result = relabelLabels(Labels.fromObject(input), parsed);
  expect(result?.toObject()).toEqual(output === undefined ? undefined : Labels.fromObject(output).toObject());
});

test("hashmod takes the last eight bytes of the MD5, as other shards of the fleet do", () => {
  // md5("") = d41d8cd98f00b204 e9800998ecf8427e
  expect(hashMod("", 1000)).toBe(String(0xe9800998ecf8427en % 1000n));
});

test.each([
  [{ action: "hashmod", target_label: "a" }, "modulus"],
  [{ action: "replace", source_labels: ["a"] }, "target_label"],
  [{ action: "labeldrop", regex: "a", target_label: "b" }, "target_label"],
  [{ action: "keepequal", source_labels: ["a"], target_label: "b", regex: "x" }, "regex"],
  [{ action: "lowercase", source_labels: ["a"], target_label: "b", replacement: "x" }, "replacement"],
  [{ action: "keep", regex: "(" }, "regex"],
  [{ action: "explode" }, "action"],
])("%o is a mistake at %s", (config, field) => {
  const issues = relabelConfigSchema.safeParse(config).error?.issues ?? [];
  expect(issues.map(({ path }) => path[0])).toContain(field);
});
