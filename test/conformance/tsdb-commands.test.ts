/** `binnacle tsdb`, on text and on blocks that Prometheus's own promtool made of it. */
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBinnacle } from "../support/binnacle.ts";
import { peer, repositoryRoot } from "../support/places.ts";
import { temporaryDir } from "../support/process.ts";

const dir = temporaryDir();
const textFile = path.join(dir, "in.txt");
const blocks = path.join(dir, "prometheus");
const launcher = path.join(repositoryRoot, "node_modules/.bin/binnacle");
const lines: string[] = [];

function tsdb(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(launcher, ["tsdb", ...args], { encoding: "utf8", maxBuffer: 2 ** 28 });
}

/** What a dump says, without the order of its series. */
function dumped(data: string, ...args: string[]): string[] {
  const { status, stdout, stderr } = tsdb("dump", "--data", data, ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const all = stdout.trimEnd().split("\n");
  expect(all.pop()).toBe("# EOF");
  return all.sort();
}

beforeAll(() => {
  // Values whose bits change a lot, a little and not at all; steps of every width.
  const values = [(n: number) => n, (n: number) => Math.sin(n), () => 4.25, (n: number) => 1e300 / (n + 1)];
  for (const [s, value] of values.entries()) {
    for (let n = 0; n < 400; n++) {
      const seconds = 1_700_000_000 + n * 15 + (n % 7 === s ? 0.037 * n : 0) + (n > 300 ? 40_000 : 0);
      lines.push(`m{job="a \\"b\\" \\\\",s="${s}"} ${value(n)} ${Number(seconds.toFixed(3))}`);
    }
  }
  fs.writeFileSync(textFile, `# TYPE m gauge\n${lines.join("\n")}\n# EOF\n`);
  fs.mkdirSync(blocks);
  execFileSync(peer("promtool"), ["tsdb", "create-blocks-from", "openmetrics", textFile, blocks]);
  lines.sort();
});
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

const SOURCES = [
  ["text", textFile],
  ["promtool's blocks", blocks],
] as const;

test.for(SOURCES)("what is imported from %s comes out as it went in", ([name, source]) => {
  const data = path.join(dir, `data of ${name}`);
  const imported = tsdb("import", source, "--data", data);
  expect(imported).toMatchObject({ status: 0, stderr: "" });
  expect(imported.stdout).toContain("1600 samples taken, 0 rejected");
  expect(dumped(data)).toEqual(lines);
  const ofTwo = lines.filter(
    (line) => line.includes('s="2"') && Number(line.split(" ").at(-1)) < 1_700_003_000,
  );
  expect(dumped(data, "--match", 'm{s="2"}', "--max-time", "1700002999.999")).toEqual(ofTwo);
  expect(tsdb("verify", "--data", data)).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("1600 samples, 0 files damaged"),
  });
  expect(tsdb("analyze", "--data", data).stdout).toMatch(/^series +4\nsamples +1600\n/);
});

test("importing twice adds nothing", () => {
  const data = path.join(dir, "twice");
  for (const [, source] of SOURCES) expect(tsdb("import", source, "--data", data).status).toBe(0);
  expect(dumped(data)).toEqual(lines);
});

test("one altered byte is found, named, and costs only its page", () => {
  const data = path.join(dir, "altered");
  tsdb("import", textFile, "--data", data);
  const folder = path.join(data, "metrics/blocks");
  const file = path.join(folder, fs.readdirSync(folder)[0]!);
  const bytes = fs.readFileSync(file);
  const values = 24 + bytes.readUInt32LE(12);
  bytes[values + 60]! ^= 1;
  fs.writeFileSync(file, bytes);
  const { status, stdout } = tsdb("verify", "--data", data);
  expect(status).toBe(1);
  expect(stdout).toContain(`${file} at byte ${values} (page 0 of values)`);
  expect(stdout).toContain("1 files damaged");
});

test("a directory that a process has open is left alone; one that is none is named", async () => {
  const running = await startBinnacle({ mode: "serve" });
  try {
    for (const args of [["verify"], ["dump"], ["analyze"], ["import", textFile]]) {
      const { status, stderr } = tsdb(...args, "--data", running.dataDir);
      expect({ status, stderr }).toMatchObject({
        status: 1,
        stderr: expect.stringContaining("in use by another process"),
      });
    }
  } finally {
    await running.stop();
  }
  expect(tsdb("dump", "--data", path.join(dir, "nothing")).stderr).toContain("there is no metrics store");
});

test.for<[text: string, message: string]>([
  ["m 1\n# EOF\n", "a sample has no time"],
  ["m{ 1 1\n# EOF\n", "line 1"],
  ["m 1 1\n", "EOF"],
])("text %j is refused: %s", ([text, message]) => {
  const file = path.join(dir, "bad.txt");
  fs.writeFileSync(file, text);
  const { status, stderr } = tsdb("import", file, "--data", path.join(dir, "bad"));
  expect(status).toBe(1);
  expect(stderr).toContain(message);
});
