/**
 * The wasm module and its memory, one instance a thread, loaded when it is first needed.
 *
 * Kernels see only this memory. A wrapper reserves what it needs, copies its input in, calls, and copies the
 * result out before it returns; the next call of any wrapper overwrites it. Growing the memory detaches every
 * view of it, so views are taken after `reserve` and never kept.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The part of WebAssembly's interface that is used here; Node's type declarations leave it out. */
declare const WebAssembly: {
  readonly Module: new (wasm: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  heapStart(): number;
  countLiteral(text: number, textEnd: number, literal: number, length: number): number;
  findLiteral(text: number, textEnd: number, literal: number, length: number, offsets: number): number;
  unpackDeltas(packed: number, bits: number, count: number, first: bigint, base: bigint, out: number): void;
  parseGuided(state: number): number;
  scanSeries(state: number): number;
  writeTimes(times: number, count: number, ends: number, out: number): number;
  writePoints(
    values: number,
    count: number,
    texts: number,
    ends: number,
    powers: number,
    out: number,
  ): number;
  readLokiEntries(state: number): number;
  readJsonEntries(state: number): number;
  hashOf(at: number, size: number): number;
  markWords(state: number): number;
  splitLines(state: number): number;
  unpackSnappy(input: number, inputEnd: number, output: number, outputEnd: number): number;
}

const WASM_PATH = join(import.meta.dirname, "../build/kernels.wasm");
const PAGE_BYTES = 65_536;

class KernelModule {
  readonly kernels: KernelExports;
  /** First address a wrapper may use; a multiple of 16. */
  readonly start: number;
  /** Whose data the memory holds. Who finds another's name here must copy its input in again. */
  holder: object | undefined;
  #bytes: Uint8Array<ArrayBuffer>;

  constructor(wasm: Uint8Array<ArrayBuffer>) {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { abort } });
    this.kernels = instance.exports as KernelExports;
    this.start = (this.kernels.heapStart() + 15) & ~15;
    this.#bytes = new Uint8Array(this.kernels.memory.buffer);
  }

  /**
   * The whole memory, with at least `byteLength` bytes from `start` on, and 16 behind them that may be read.
   */
  reserve(byteLength: number): Uint8Array<ArrayBuffer> {
    const missing = this.start + byteLength + 16 - this.#bytes.length;
    if (missing > 0) {
      this.kernels.memory.grow(Math.ceil(missing / PAGE_BYTES));
      this.#bytes = new Uint8Array(this.kernels.memory.buffer);
    }
    return this.#bytes;
  }
}

function abort(): never {
  throw new Error("BUG: a kernel aborted");
}

let loaded: KernelModule | undefined;

/** This thread's module. Throws where it was not built. */
export function kernelModule(): KernelModule {
  loaded ??= new KernelModule(readWasm());
  return loaded;
}

function readWasm(): Uint8Array<ArrayBuffer> {
  try {
    return readFileSync(WASM_PATH);
  } catch (cause) {
    throw new Error(`the kernels are not built (no ${WASM_PATH}): run \`npm run build\``, { cause });
  }
}
