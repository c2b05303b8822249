/** The OpenAPI description. It is made when it is first asked for: few ever do. */
import * as api from "@binnacle/api";
import type { FastifyInstance } from "fastify";
import { VERSION } from "../self/version.ts";
import { defineHandler } from "./define.ts";

export function addDescription(app: FastifyInstance): void {
  const made = new Map<string, Promise<string>>();
  defineHandler(app, api.openApi, async ({ openapi_version: openapi = "3.1" }, _request, reply) => {
    let text = made.get(openapi);
    if (text === undefined) made.set(openapi, (text = describe(openapi)));
    return reply.type("application/yaml").send(await text);
  });
}

async function describe(openapi: "3.1" | "3.2"): Promise<string> {
  const [{ openApiDocument }, { stringify }] = await Promise.all([
    import("@binnacle/api/openapi"),
    import("yaml"),
  ]);
  return stringify(openApiDocument({ version: VERSION, openapi }), {
    aliasDuplicateObjects: false,
    lineWidth: 0,
  });
}
