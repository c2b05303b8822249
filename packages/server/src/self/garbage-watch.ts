/**
 * Has a thread's garbage collected when much of it has gathered, where V8 would wait: it collects by what
 * stands on its own heap, so that tens of megabytes of buffers that nobody holds stay for as long as little
 * else is allocated, in each thread, and shared memory does not count at all.
 */
import process from "node:process";
import { GARBAGE_GROWTH_BYTES, GARBAGE_LOOK_MS } from "../limits.ts";

export interface GarbageWatchOptions {
  /** Bytes that this thread holds, garbage included. */
  readonly heldBytes?: () => number;
  /** Collects; default: Node's own, where it was started with --expose-gc, and nothing elsewhere. */
  readonly collect?: (() => void) | undefined;
}

export class GarbageWatch implements Disposable {
  readonly #heldBytes: () => number;
  readonly #collect: (() => void) | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  /** The least that was held since the last collection: what is above it may be garbage. */
  #floorBytes = 0;

  constructor(options: GarbageWatchOptions = {}) {
    this.#heldBytes = options.heldBytes ?? heldByThread;
    this.#collect = "collect" in options ? options.collect : nodesOwn();
    if (this.#collect === undefined) return;
    this.#timer = setInterval(() => this.look(), GARBAGE_LOOK_MS).unref();
  }

  /** Collects if so much has come since the last time that it is worth the pause. */
  look(): void {
    const held = this.#heldBytes();
    this.#floorBytes = Math.min(this.#floorBytes, held);
    if (held - this.#floorBytes < GARBAGE_GROWTH_BYTES) return;
    this.#collect?.();
    // What is left is in use.
    this.#floorBytes = this.#heldBytes();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

function nodesOwn(): (() => void) | undefined {
  const { gc } = globalThis;
  return gc === undefined ? undefined : () => gc();
}

function heldByThread(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
