/** Federation: another Prometheus scrapes chosen series. Errors are plain text, as for any exposition. */
import * as api from "@binnacle/api";
import { SYSTEM_CLOCK } from "@binnacle/model";
import type { FastifyInstance } from "fastify";
import type { ExpositionFormat } from "../query/federate.ts";
import type { QueryPool } from "../query/pool.ts";
import { hangUpSignal } from "./cancel.ts";
import { asBuffer, defineHandler } from "./define.ts";
import { readSelector } from "./selectors.ts";

export interface FederateRoutesOptions {
  readonly pool: () => QueryPool;
  readonly features: ReadonlySet<string>;
  readonly lookbackDeltaMs: number;
  readonly externalLabels: () => Readonly<Record<string, string>>;
}

export function addFederateRoutes(app: FastifyInstance, options: FederateRoutesOptions): void {
  defineHandler(app, api.federate, async (params, request, reply) => {
    const selectors = (params["match[]"] ?? []).map((text) =>
      readSelector("match[]", text, options.features),
    );
    const format = chooseFormat(request.headers.accept ?? "");
    void reply.type(contentType(format));
    const job = {
      kind: "federate" as const,
      selectors,
      timeMs: SYSTEM_CLOCK.nowMs(),
      lookbackDeltaMs: options.lookbackDeltaMs,
      externalLabels: options.externalLabels(),
      format,
    };
    const bytes = await options.pool().run(job, { signal: hangUpSignal(request, reply) });
    return reply.send(asBuffer(bytes as Uint8Array));
  });
}

/** OpenMetrics where the reader names it, weights aside: who can read it prefers it. */
export function chooseFormat(accept: string): ExpositionFormat {
  const openMetrics = accept.split(",").find((it) => it.includes("application/openmetrics-text"));
  const chosen = openMetrics ?? accept;
  return {
    dialect: openMetrics === undefined ? "text" : "openmetrics",
    allowsUtf8: chosen.includes("escaping=allow-utf-8"),
  };
}

function contentType({ dialect, allowsUtf8 }: ExpositionFormat): string {
  const escaping = allowsUtf8 ? "allow-utf-8" : "underscores";
  return dialect === "openmetrics"
    ? `application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=${escaping}`
    : `text/plain; version=0.0.4; charset=utf-8; escaping=${escaping}`;
}
