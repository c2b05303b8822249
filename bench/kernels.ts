/**
 * The kernels, and what stands on them, beside the plain script that would do the same: on one thread, the
 * best of some runs. Recorded exporters are read from BINNACLE_SHARED where they are at hand; a made-up one
 * stands in for them.
 */
import fs from "node:fs";
import path from "node:path";
import { zstdDecompressSync } from "node:zlib";
import {
  countLiteral,
  LineSplitter,
  LogBody,
  packedDeltaBytes,
  PointWriter,
  unpackDeltas,
} from "../packages/kernels/src/index.ts";
import { Labels, seededRandom } from "../packages/model/src/index.ts";
import { ScrapeParser, WriteRequestDecoder, WriteRequestEncoder } from "../packages/wire/src/index.ts";
import { buildKernels } from "../tools/build-kernels.ts";

const RUNS = 7;
const random = seededRandom(1);

await buildKernels();
process.stdout.write("| what | kernel | plain script | ratio |\n|---|---|---|---|\n");
benchLiteral();
benchDeltas();
benchPoints();
benchExposition();
benchLogEntries();
benchSplit();
process.stdout.write("\n| what | rate |\n|---|---|\n");
benchRemoteWrite();

/** Units per second, the best of RUNS. */
function rate(units: number, work: () => void): number {
  let best = 0;
  for (let run = 0; run < RUNS; run++) {
    const startMs = performance.now();
    work();
    best = Math.max(best, units / ((performance.now() - startMs) / 1000));
  }
  return best;
}

function row(what: string, unit: string, kernel: number, plain: number): void {
  const ratio = (kernel / plain).toFixed(1);
  process.stdout.write(
    `| ${what} | ${kernel.toFixed(1)} ${unit} | ${plain.toFixed(1)} ${unit} | ${ratio} |\n`,
  );
}

function benchLiteral(): void {
  const line = "2026-01-01T00:00:00Z level=info msg=request method=GET path=/api/v1/query took=15ms\n";
  const text = Buffer.from(`${line.repeat(2000)}panic: out of memory\n`.repeat(100));
  const literal = Buffer.from("out of memory");
  const kernel = rate(text.length / 1e9, () => void countLiteral(text, literal));
  const plain = rate(text.length / 1e9, () => {
    for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + literal.length));
  });
  row("count a literal (Buffer.indexOf)", "GB/s", kernel, plain);
}

function logLines(count: number): string[] {
  return Array.from(
    { length: count },
    (_, i) =>
      `sshd(pam_unix)[${19_000 + random.below(9000)}]: authentication failure; uid=0 rhost=218.${i % 256}.2.4 took=${i} ms`,
  );
}

function benchLogEntries(): void {
  const entries = logLines(4000).map((line, i) => [`17900000000${String(i).padStart(8, "0")}`, line]);
  const body = Buffer.from(JSON.stringify(entries));
  const kernel = rate(body.length / 1e6, () => void LogBody.load(body)!.readJsonEntries(0));
  const plain = rate(body.length / 1e6, () => {
    const parsed = JSON.parse(body.toString()) as [string, string][];
    const times = BigInt64Array.from(parsed, ([time]) => BigInt(time));
    const lines = parsed.map(([, line]) => Buffer.from(line));
    return times.length + lines.length;
  });
  row("entries of a JSON push (JSON.parse)", "MB/s", kernel, plain);
}

/** Lines of one template, which is in the table from the second run on. */
function benchSplit(): void {
  const lines = logLines(2000);
  const bytes = Buffer.from(lines.join(""), "latin1");
  const offsets = new Uint32Array(lines.length + 1);
  lines.forEach((line, i) => (offsets[i + 1] = offsets[i]! + line.length));
  const table = {
    slots: new Uint32Array(64),
    hashes: new Uint32Array(32),
    ends: new Uint32Array(32),
    arena: new Uint8Array(4096),
    size: 1,
  };
  const insert = (text: Uint8Array, hash: number): number => {
    const template = table.size++;
    table.arena.set(text, table.ends[template - 1]);
    table.ends[template] = table.ends[template - 1]! + text.length;
    table.hashes[template] = hash;
    table.slots[hash & 63] = template + 1;
    return template;
  };
  const splitter = new LineSplitter({ lineBytesMax: 16_384, lineVariablesMax: 255 });
  const count = splitter.windowLines(offsets, 0);
  const kernel = rate(bytes.length / 1e6, () => {
    splitter.split({ bytes, offsets }, { from: 0, count, table: () => ({ ...table }) }, insert);
  });
  const plain = rate(bytes.length / 1e6, () => {
    let variables = 0;
    for (let at = 0; at < bytes.length;) {
      let hasDigit = false;
      let byte = bytes[at]!;
      while ((byte >= 48 && byte < 58) || ((byte | 32) - 97) >>> 0 < 26 || byte >= 128) {
        if (byte < 58) hasDigit = true;
        byte = bytes[++at]!;
      }
      if (hasDigit) variables++;
      at++;
    }
    return variables;
  });
  row("lines into templates (finding words alone)", "MB/s", kernel, plain);
}

/** Rates as they are answered: seventeen digits each. */
function benchPoints(): void {
  const count = 100_000;
  const times = Float64Array.from({ length: count }, (_, i) => 1_790_000_000_000 + i * 15_000);
  const values = Float64Array.from(times, () => random.next());
  const writer = new PointWriter();
  const sink = Buffer.alloc(8 * 1024 * 1024);
  const kernel = rate(count / 1e6, () => {
    let at = 0;
    writer.write(times, values, (bytes) => {
      sink.set(bytes, at);
      at += bytes.length;
    });
  });
  const plain = rate(count / 1e6, () => {
    let text = "";
    for (let i = 0; i < count; i++) text += `${i > 0 ? "," : ""}[${times[i]! / 1000},"${values[i]}"]`;
    sink.write(text, "latin1");
  });
  row("points of an answer (template, one write)", "M/s", kernel, plain);
}

function benchDeltas(): void {
  const bits = 11;
  const count = 1_000_000;
  const packed = Uint8Array.from({ length: packedDeltaBytes(count, bits) + 8 }, () => random.below(256));
  const out = new Float64Array(count);
  const kernel = rate(count / 1e6, () => unpackDeltas(packed, out, { bits, first: 5, base: -3 }));
  const plain = rate(count / 1e6, () => unpackPlainly(packed, out, bits));
  row("unpack 11-bit deltas", "M values/s", kernel, plain);
}

function unpackPlainly(packed: Uint8Array, out: Float64Array, bits: number): void {
  const mask = (1 << bits) - 1;
  let value = 5;
  out[0] = value;
  for (let i = 1, bit = 0; i < out.length; i++, bit += bits) {
    const at = bit >> 3;
    const word = packed[at]! | (packed[at + 1]! << 8) | (packed[at + 2]! << 16);
    value += ((word >> (bit & 7)) & mask) - 3;
    out[i] = value;
  }
}

function benchExposition(): void {
  for (const [name, texts] of expositions()) {
    const parser = new ScrapeParser();
    let samples = 0;
    for (const text of texts) samples += parser.parse(text, { dialect: "text" }).values.length;
    const kernel = rate(samples / 1e6, () => {
      for (const text of texts) parser.parse(text, { dialect: "text" });
    });
    const known = new Map<string, number>();
    const plain = rate(samples / 1e6, () => {
      for (const text of texts) parsePlainly(text, known);
    });
    row(`parse exposition: ${name}`, "M samples/s", kernel, plain);
  }
}

/** Lines looked up in a Map by what stands before their last space: only right for texts without times. */
function parsePlainly(text: Buffer, known: Map<string, number>): Float64Array {
  const values = new Float64Array(4096);
  let count = 0;
  for (let at = 0; at < text.length;) {
    const end = text.indexOf(10, at);
    if (text[at] !== 0x23) {
      const line = text.toString("latin1", at, end);
      const space = line.lastIndexOf(" ");
      const series = line.slice(0, space);
      if (known.get(series) === undefined) known.set(series, known.size);
      values[count++] = Number(line.slice(space + 1));
    }
    at = end + 1;
  }
  return values.subarray(0, count);
}

function expositions(): [string, Buffer[]][] {
  const shared = process.env["BINNACLE_SHARED"] ?? path.resolve(import.meta.dirname, "../../shared");
  const folder = path.join(shared, "data/metrics");
  if (!fs.existsSync(folder)) return [["made up", madeUp()]];
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(".scrapes.zst"))
    .map((name) => [name.replace(".scrapes.zst", ""), frames(path.join(folder, name))]);
}

function frames(file: string): Buffer[] {
  const bytes = zstdDecompressSync(fs.readFileSync(file));
  const texts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32LE(at);
    texts.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return texts;
}

function madeUp(): Buffer[] {
  return Array.from({ length: 100 }, (_, scrape) =>
    Buffer.from(
      Array.from(
        { length: 1000 },
        (_, i) => `metric_${i >> 4}{l="${i}"} ${i % 3 === 0 ? scrape * i : i}\n`,
      ).join(""),
    ),
  );
}

function benchRemoteWrite(): void {
  const count = 500;
  const labels = Array.from({ length: count }, (_, i) =>
    Labels.fromObject({
      __name__: `metric_${i >> 3}`,
      job: "bench",
      instance: "10.0.0.1:9100",
      device: `sd${i}`,
      mode: "idle",
    }),
  );
  const request = {
    labels,
    sampleOffsets: Uint32Array.from({ length: count + 1 }, (_, i) => i),
    sampleTimes: new Float64Array(count).fill(1_700_000_000_000),
    sampleValues: Float64Array.from({ length: count }, () => random.next()),
    sampleStartTimes: undefined,
    histograms: [],
    exemplars: [],
    metadata: [],
  };
  const encoder = new WriteRequestEncoder();
  const decoder = new WriteRequestDecoder();
  const block = encoder.encode(request);
  const times = 200;
  const encoded = rate((count * times) / 1e6, () => {
    for (let i = 0; i < times; i++) encoder.encode(request);
  });
  const decoded = rate((count * times) / 1e6, () => {
    for (let i = 0; i < times; i++) decoder.decode(block);
  });
  process.stdout.write(
    `| encode remote write, ${count} series a request | ${encoded.toFixed(2)} M samples/s |\n`,
  );
  process.stdout.write(
    `| decode remote write, ${count} series a request | ${decoded.toFixed(2)} M samples/s |\n`,
  );
}
