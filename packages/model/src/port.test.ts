import { MessageChannel } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { BinnacleError } from "./errors.ts";
import { callPort, servePort, Transferred } from "./port.ts";

const { port1, port2 } = new MessageChannel();
afterEach(() => {
  port1.close();
});

test("calls, errors and handed-over buffers cross a port", async () => {
  const methods = {
    double: (n: number) => n * 2,
    refuse: (place: string): never => {
      throw new BinnacleError("PARSE_ERROR", `refused ${place}`, { position: { line: 2, column: 3 } });
    },
    bytes: (length: number) => {
      const value = new Uint8Array(length).fill(7);
      return new Transferred(value, [value.buffer]);
    },
  };
  servePort(port1, methods);
  const client = callPort<typeof methods>(port2);
  expect(await client.double(21)).toBe(42);
  expect(await client.bytes(3)).toEqual(new Uint8Array([7, 7, 7]));
  await expect(client.refuse("here")).rejects.toMatchObject({
    code: "PARSE_ERROR",
    message: "refused here",
    position: { line: 2, column: 3 },
  });
});
