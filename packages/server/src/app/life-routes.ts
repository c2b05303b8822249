/** Health, readiness, reload, and what an administrator may ask of the stores. */
import { BinnacleError } from "@binnacle/model";
import type { FastifyInstance } from "fastify";
import { success } from "./define.ts";

export interface LifeRoutesOptions {
  /** Why the server is not ready, or undefined when it is. */
  readonly unreadyReason: () => string | undefined;
  /** Applies a changed configuration, or throws BAD_CONFIG and leaves everything as it was. */
  readonly reload: () => Promise<void>;
  readonly compactMetrics: () => Promise<void>;
  readonly compactLogs: () => Promise<void>;
}

export function addLifeRoutes(app: FastifyInstance, options: LifeRoutesOptions): void {
  app.get("/-/healthy", (_request, reply) => reply.type("text/plain").send("Binnacle is healthy.\n"));
  const ready = (): string => {
    const reason = options.unreadyReason();
    if (reason !== undefined) throw new BinnacleError("UNAVAILABLE", `not ready: ${reason}`);
    return "Binnacle is ready.\n";
  };
  app.get("/-/ready", (_request, reply) => reply.type("text/plain").send(ready()));
  app.get("/ready", (_request, reply) => {
    ready();
    return reply.type("text/plain").send("ready\n");
  });
  app.route({
    method: ["POST", "PUT"],
    url: "/-/reload",
    handler: async (_request, reply) => {
      await options.reload();
      return reply.type("text/plain").send("");
    },
  });
  app.post("/api/v1/admin/tsdb/compact", async () => {
    await options.compactMetrics();
    return success(null);
  });
  app.post("/api/v1/admin/logs/compact", async () => {
    await options.compactLogs();
    return success(null);
  });
}
