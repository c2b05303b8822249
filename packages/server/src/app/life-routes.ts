/** Health, readiness, reload. */
import * as api from "@binnacle/api";
import { BinnacleError } from "@binnacle/model";
import type { FastifyInstance } from "fastify";
import { defineHandler } from "./define.ts";

const PLAIN = "text/plain; charset=utf-8";

export interface LifeRoutesOptions {
  /** Why the server is not ready, or undefined when it is. */
  readonly unreadyReason: () => string | undefined;
  /** Applies a changed configuration, or throws BAD_CONFIG and leaves everything as it was. */
  readonly reload: () => Promise<void>;
  /** Whether the process may be ended over HTTP. */
  readonly mayQuit: boolean;
  /** Ends the process as SIGTERM does. */
  readonly quit: () => void;
}

export function addLifeRoutes(app: FastifyInstance, options: LifeRoutesOptions): void {
  const checkReady = (): void => {
    const reason = options.unreadyReason();
    if (reason !== undefined) throw new BinnacleError("UNAVAILABLE", `not ready: ${reason}`);
  };
  defineHandler(app, api.healthy, (_params, _request, reply) =>
    reply.type(PLAIN).send("Binnacle is healthy.\n"),
  );
  defineHandler(app, api.ready, (_params, _request, reply) => {
    checkReady();
    return reply.type(PLAIN).send("Binnacle is ready.\n");
  });
  defineHandler(app, api.lokiReady, (_params, _request, reply) => {
    checkReady();
    return reply.type("text/plain").send("ready\n");
  });
  defineHandler(app, api.quit, (_params, _request, reply) => {
    void reply.type(PLAIN);
    if (!options.mayQuit) return reply.code(403).send("Lifecycle API is not enabled.");
    reply.raw.once("finish", options.quit);
    return reply.send("Requesting termination... Goodbye!");
  });
  defineHandler(app, api.reload, async (_params, _request, reply) => {
    await options.reload();
    return reply.type("text/plain").send("");
  });
}
