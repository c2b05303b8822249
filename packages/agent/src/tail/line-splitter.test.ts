import { expect, test } from "vitest";
import { LineSplitter } from "./line-splitter.ts";

function collect(bytesMax: number, chunks: readonly string[], isMidLine = false) {
  const splitter = new LineSplitter(bytesMax, 100, isMidLine);
  const lines: [string, number, boolean][] = [];
  const onLine = (line: Uint8Array, offset: number, isCut: boolean): void => {
    lines.push([Buffer.from(line).toString(), offset, isCut]);
  };
  for (const chunk of chunks) {
    if (chunk === "FLUSH") splitter.flush(onLine);
    else splitter.push(Buffer.from(chunk), onLine);
  }
  return { lines, openOffset: splitter.openOffset };
}

test("lines, their offsets, and where the open one begins", () => {
  expect(collect(10, ["ab\n\ncd", "e", "f\ngh"])).toEqual({
    lines: [
      ["ab", 100, false],
      ["", 103, false],
      ["cdef", 104, false],
    ],
    openOffset: 109,
  });
});

test("a line over the limit is cut there, wherever the chunks end, and the next one is whole", () => {
  for (const chunks of [["abcdef\nxy\n"], ["ab", "cd", "ef\nx", "y\n"], ["abcd", "ef", "\nxy\n"]]) {
    expect(collect(4, chunks).lines).toEqual([
      ["abcd", 100, true],
      ["xy", 107, false],
    ]);
  }
});

test("a flushed line goes on as another, without an empty one for its late end", () => {
  expect(collect(10, ["ab", "FLUSH", "FLUSH", "\ncd\n"]).lines).toEqual([
    ["ab", 100, false],
    ["cd", 103, false],
  ]);
  expect(collect(10, ["ab", "FLUSH", "cd\n"]).lines.map(([line]) => line)).toEqual(["ab", "cd"]);
});

test("a file that is resumed in the middle of a line has no empty line for its end either", () => {
  expect(collect(10, ["\nab\n"], true)).toEqual({ lines: [["ab", 101, false]], openOffset: 104 });
  expect(collect(10, ["\nab\n"], false).lines).toHaveLength(2);
});

test("however the bytes are cut into chunks, the lines are those of the whole", () => {
  const seed = Number(process.env["SEED"] ?? 1);
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  for (let round = 0; round < 300; round++) {
    const text = Array.from({ length: random(60) }, () => "ab\n"[random(3)]).join("");
    const chunks: string[] = [];
    for (let at = 0; at < text.length;) {
      const length = 1 + random(7);
      chunks.push(text.slice(at, at + length));
      at += length;
    }
    expect(collect(5, chunks), `seed ${seed}`).toEqual(collect(5, [text]));
  }
});
