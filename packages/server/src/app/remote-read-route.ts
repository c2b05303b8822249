/** Remote read: another Prometheus asks for raw samples. The answer is made in the pool. */
import * as api from "@binnacle/api";
import type { FastifyInstance } from "fastify";
import { decodeReadRequest } from "@binnacle/wire/remote-read";
import { asBuffer } from "./define.ts";
import type { QueryPool } from "../query/pool.ts";
import type { ReadAnswer } from "../query/remote-read.ts";
import { hangUpSignal } from "./cancel.ts";
import { acceptBytes, bodyOf } from "./bytes-body.ts";

export interface RemoteReadOptions {
  readonly pool: () => QueryPool;
  readonly externalLabels: () => Readonly<Record<string, string>>;
}

const HEADERS = {
  samples: { "content-type": "application/x-protobuf", "content-encoding": "snappy" },
  streamed_xor_chunks: {
    "content-type": "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse",
  },
} as const;

export function addRemoteReadRoute(app: FastifyInstance, options: RemoteReadOptions): void {
  void app.register((scope, _options, done) => {
    acceptBytes(scope);
    scope.post(api.remoteRead.path, async (request, reply) => {
      const { queries, accepted } = decodeReadRequest(bodyOf(request.body));
      const job = {
        kind: "remote-read" as const,
        queries,
        accepted,
        externalLabels: options.externalLabels(),
      };
      const answer = await options.pool().run(job, { signal: hangUpSignal(request, reply) });
      const { type, bytes } = answer as ReadAnswer;
      return reply.headers(HEADERS[type]).send(asBuffer(bytes));
    });
    done();
  });
}
