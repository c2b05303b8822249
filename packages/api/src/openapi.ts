/**
 * The OpenAPI description, made of the routes and their schemas: the same that the server validates with, so
 * that it cannot say anything else than what holds.
 */
import { Type, type TObject, type TSchema } from "typebox";
import * as admin from "./admin.ts";
import * as discovery from "./discovery.ts";
import { Failure } from "./envelope.ts";
import * as ingest from "./ingest.ts";
import * as life from "./life.ts";
import * as loki from "./loki.ts";
import * as lokiDelete from "./loki-delete.ts";
import * as lokiLegacy from "./loki-legacy.ts";
import * as lokiInsight from "./loki-insight.ts";
import * as prometheus from "./prometheus.ts";
import * as push from "./push.ts";
import type { Route } from "./route.ts";
import * as search from "./search.ts";
import * as status from "./status.ts";
import * as storeStatus from "./store-status.ts";

const MODULES = {
  prometheus,
  search,
  discovery,
  status,
  storeStatus,
  admin,
  ingest,
  push,
  loki,
  lokiDelete,
  lokiInsight,
  lokiLegacy,
  life,
};

interface NamedRoute {
  readonly name: string;
  /** The file it stands in: what the description groups it by. */
  readonly tag: string;
  readonly route: Route;
}

/** Every route of the contract, in the order of their files. */
export const ROUTES: readonly NamedRoute[] = Object.entries(MODULES).flatMap(([tag, exports]) =>
  Object.entries(exports as Record<string, unknown>)
    .filter(([, value]) => isRoute(value))
    .map(([name, value]) => ({ name, tag, route: value as Route })),
);

function isRoute(value: unknown): boolean {
  return typeof value === "object" && value !== null && "methods" in value && "path" in value;
}

type Json = Readonly<Record<string, unknown>>;

/** The document as plain data. `version` is the program's. */
export function openApiDocument(options: {
  readonly version: string;
  readonly openapi: "3.1" | "3.2";
}): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const named of ROUTES) {
    const { route } = named;
    for (const [i, path] of [route.path, ...(route.aliases ?? [])].entries()) {
      const operations = (paths[path.replace(/:(\w+)/g, "{$1}").replace("*", "{rest}")] ??= {});
      // Operations need names of their own.
      const name = i === 0 ? named.name : `${named.name}${i + 1}`;
      for (const method of route.methods) {
        operations[method.toLowerCase()] = operation({ ...named, name, route: { ...route, path } }, method);
      }
    }
  }
  return plain({
    openapi: `${options.openapi}.0`,
    info: {
      title: "Binnacle",
      version: options.version,
      description:
        "Prometheus's and Loki's HTTP APIs. Parameters of a POST may come in the URL, in a form, or both.",
    },
    tags: Object.keys(MODULES).map((name) => ({ name })),
    paths,
    components: { schemas: { Failure } },
  });
}

function operation({ name, tag, route }: NamedRoute, method: string): Json {
  const takesForm = method === "POST" && route.methods.includes("GET");
  const body =
    route.bodyTypes === undefined ? takesForm && formBody(route.params) : bytesBody(route.bodyTypes);
  return {
    operationId: method === route.methods[0] ? name : `${name}${method}`,
    tags: [tag],
    summary: route.summary,
    parameters: [...pathParameters(route.path), ...(takesForm ? [] : queryParameters(route.params))],
    ...(body === false ? {} : { requestBody: body }),
    responses: { ...goodAnswer(route), default: FAILURE_ANSWER },
  };
}

const FAILURE_ANSWER: Json = {
  description: "An error, of a type that Prometheus knows.",
  content: { "application/json": { schema: { $ref: "#/components/schemas/Failure" } } },
};

function goodAnswer({ answer, answerType = "application/json", answerStatus = 200 }: Route): Json {
  if (answerStatus === 204) return { 204: { description: "Done; there is nothing to say." } };
  return { 200: { description: "Success.", content: { [answerType]: { schema: answer } } } };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/:(\w+)|\*/g)].map(([, name = "rest"]) => ({
    name,
    in: "path",
    required: true,
    schema: Type.String(),
  }));
}

function queryParameters(params: TObject): Json[] {
  const required = new Set<string>(params.required ?? []);
  return Object.entries(params.properties as Record<string, TSchema>).map(([name, schema]) => {
    const parameter = { name, in: "query", required: required.has(name), schema };
    // Repeated, as forms repeat names.
    return "items" in schema ? Object.assign(parameter, { style: "form", explode: true }) : parameter;
  });
}

function formBody(params: TObject): Json | false {
  if (Object.keys(params.properties).length === 0) return false;
  return { content: { "application/x-www-form-urlencoded": { schema: params } } };
}

function bytesBody(types: readonly string[]): Json {
  return { required: true, content: Object.fromEntries(types.map((type) => [type, {}])) };
}

/** Without what the schemas' library keeps beside the schemas. */
function plain(document: Json): Json {
  return JSON.parse(JSON.stringify(document)) as Json;
}
