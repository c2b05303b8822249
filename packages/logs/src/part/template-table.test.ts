/** Splitting in the kernel beside the same in plain script. */
import { seededRandom, type Random } from "@binnacle/model";
import { expect, test } from "vitest";
import { TEMPLATED_LINE_BYTES_MAX, TEMPLATES_MAX, VARIABLES_MAX } from "../limits.ts";
import { isDigitByte, isWordByte, RAW, TemplateTable } from "./template-table.ts";
import type { TextColumn } from "./text-column.ts";

function columnOf(lines: readonly Uint8Array[]): TextColumn {
  const offsets = new Uint32Array(lines.length + 1);
  lines.forEach((line, i) => (offsets[i + 1] = offsets[i]! + line.length));
  return { bytes: Buffer.concat(lines), offsets };
}

/** The template, undefined for RAW, and the variables: byte by byte. */
function splitPlainly(line: Uint8Array): { template: string | undefined; variables: string[] } {
  const whole = Buffer.from(line).toString("latin1");
  let template = "";
  const variables: string[] = [];
  for (let at = 0; at < line.length;) {
    const start = at;
    let hasDigit = false;
    for (; at < line.length && isWordByte(line[at]!); at++) if (isDigitByte(line[at]!)) hasDigit = true;
    if (hasDigit) {
      variables.push(whole.slice(start, at));
      template += "\0";
    } else template += whole.slice(start, at);
    if (at < line.length && !isWordByte(line[at]!)) template += whole[at++]!;
  }
  const isRaw =
    line.includes(0) || line.length > TEMPLATED_LINE_BYTES_MAX || variables.length >= VARIABLES_MAX;
  if (isRaw) return { template: undefined, variables: [whole] };
  return { template, variables };
}

function check(table: TemplateTable, lines: readonly Uint8Array[], place: string): void {
  const column = columnOf(lines);
  const { templates, firstVariable, starts, ends } = table.split(column);
  const text = Buffer.from(column.bytes).toString("latin1");
  lines.forEach((line, i) => {
    const wanted = splitPlainly(line);
    const template = templates[i]!;
    const found = template === RAW ? undefined : Buffer.from(table.text(template)).toString("latin1");
    const variables: string[] = [];
    for (let v = firstVariable[i]!; v < firstVariable[i + 1]!; v++) {
      variables.push(text.slice(starts[v], ends[v]));
    }
    expect({ template: found, variables }, `${place}, line ${i}`).toEqual(wanted);
  });
}

function randomLine(random: Random): Buffer {
  const alphabet = ["a", "Z", "5", "0", " ", "-", "é", "\u00ff", "[", "`", "{", "@", "/", ":", "\u007f"];
  const length = random.below(random.below(4) === 0 ? 300 : 40);
  const text = Array.from({ length }, () => alphabet[random.below(alphabet.length)]!).join("");
  const line = Buffer.from(text, random.below(3) === 0 ? "latin1" : "utf8");
  if (line.length > 0 && random.below(40) === 0) line[random.below(line.length)] = 0;
  return line;
}

test("the kernel splits lines as plain script does", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = seededRandom(seed);
    const table = new TemplateTable();
    for (let round = 0; round < 3; round++) {
      const lines = Array.from({ length: random.below(400) }, () => randomLine(random));
      check(table, lines, `seed ${seed}, round ${round}`);
    }
  }
});

test("long lines, many variables and lines that fill windows", () => {
  const table = new TemplateTable();
  const lines = [
    "",
    "x".repeat(TEMPLATED_LINE_BYTES_MAX),
    "x1".repeat(TEMPLATED_LINE_BYTES_MAX / 2),
    "x".repeat(TEMPLATED_LINE_BYTES_MAX + 1),
    "1 ".repeat(VARIABLES_MAX - 1),
    "1 ".repeat(VARIABLES_MAX),
    "y".repeat(600_000),
    ...Array.from({ length: 40 }, (_, i) => `${"word ".repeat(3000)}${i}`),
    ...Array.from({ length: 20_000 }, () => ""),
    "take 12 of blk_0a7, 5 left",
  ];
  check(
    table,
    lines.map((line) => Buffer.from(line)),
    "windows",
  );
});

/** A word without digits. */
function nameOf(i: number): string {
  return i.toString(26).replaceAll(/[0-9]/g, (digit) => "qrstuvwxyz"[Number(digit)]!);
}

test("templates come back under their numbers, and no more are made than there may be", () => {
  const table = new TemplateTable();
  const lines = Array.from({ length: TEMPLATES_MAX + 10 }, (_, i) => Buffer.from(`${nameOf(i)} 7`));
  const first = table.split(columnOf(lines)).templates.slice();
  expect(table.size).toBe(TEMPLATES_MAX);
  expect(first.at(-1)).toBe(RAW);
  expect(table.intern(table.text(1234).slice())).toBe(1234);
  const again = table.split(columnOf(lines)).templates;
  expect(Buffer.from(again.buffer, again.byteOffset, again.byteLength)).toEqual(
    Buffer.from(first.buffer, first.byteOffset, first.byteLength),
  );
  expect(table.intern(Buffer.from("one more"))).toBe(RAW);
});
