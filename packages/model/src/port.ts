/**
 * Requests and answers over a MessagePort, typed by a table of methods. Errors keep their code.
 *
 * Messages on one port arrive in the order they were sent, and a handler that does not await answers in that
 * order too.
 */
import { fromErrorMessage, toErrorMessage, type ErrorMessage } from "./errors.ts";

/** What both ends of a port share; Node's MessagePort, Worker and parentPort all fit. */
export interface PortLike {
  postMessage(message: unknown, transfer?: readonly never[]): void;
  on(event: "message", listener: (message: unknown) => void): unknown;
}

type Method = (request: never) => unknown;
export type MethodTable = Record<string, Method>;

interface Call {
  readonly id: number;
  readonly method: string;
  readonly request: unknown;
}
interface Answer {
  readonly answerTo: number;
  readonly result?: unknown;
  readonly error?: ErrorMessage;
}

/** An answer whose buffers are handed over instead of copied. */
export class Transferred<T> {
  readonly value: T;
  readonly transfer: readonly ArrayBufferLike[];

  constructor(value: T, transfer: readonly ArrayBufferLike[]) {
    this.value = value;
    this.transfer = transfer;
  }
}

type Unwrapped<T> = T extends Transferred<infer U> ? U : T;
export type PortClient<Table> = {
  [Name in keyof Table]: Table[Name] extends (request: infer Request) => infer Result
    ? (request: Request) => Promise<Unwrapped<Awaited<Result>>>
    : never;
};

/** Answers calls that come in on a port. */
export function servePort(port: PortLike, methods: MethodTable): void {
  port.on("message", (message) => {
    if (typeof message !== "object" || message === null || !("method" in message)) return;
    void answer(port, methods, message as Call);
  });
}

async function answer(port: PortLike, methods: MethodTable, call: Call): Promise<void> {
  try {
    const method = methods[call.method];
    if (method === undefined) throw new Error(`BUG: no method ${call.method} is served on this port`);
    const result = await (method as (request: unknown) => unknown)(call.request);
    if (result instanceof Transferred) {
      port.postMessage({ answerTo: call.id, result: result.value }, result.transfer as unknown as never[]);
    } else {
      port.postMessage({ answerTo: call.id, result });
    }
  } catch (error) {
    port.postMessage({ answerTo: call.id, error: toErrorMessage(error) });
  }
}

/** Makes calls over a port. `failAll` rejects what is still open, for when the other end is gone. */
export function callPort<Table>(port: PortLike): PortClient<Table> & { failAll(error: Error): void } {
  let lastId = 0;
  const open = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  port.on("message", (message) => {
    if (typeof message !== "object" || message === null || !("answerTo" in message)) return;
    const answer = message as Answer;
    const waiting = open.get(answer.answerTo);
    if (waiting === undefined) return;
    open.delete(answer.answerTo);
    if (answer.error === undefined) waiting.resolve(answer.result);
    else waiting.reject(fromErrorMessage(answer.error));
  });

  const failAll = (error: Error): void => {
    for (const waiting of open.values()) waiting.reject(error);
    open.clear();
  };
  return new Proxy({} as PortClient<Table> & { failAll(error: Error): void }, {
    get(_target, name) {
      if (name === "failAll") return failAll;
      // A proxy that has a `then` would be taken for a promise by await.
      if (typeof name !== "string" || name === "then") return undefined;
      return (request: unknown) =>
        new Promise((resolve, reject) => {
          const id = ++lastId;
          open.set(id, { resolve, reject });
          port.postMessage({ id, method: name, request });
        });
    },
  });
}
