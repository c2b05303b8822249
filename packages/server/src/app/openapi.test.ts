/** The description beside the routes that are registered: neither has what the other lacks. */
import { ROUTES, openApiDocument } from "@binnacle/api/openapi";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { buildTestApp } from "./test-app.ts";

type Paths = Record<
  string,
  Record<string, { readonly operationId: string; readonly [key: string]: unknown }>
>;
interface Document {
  readonly openapi: string;
  readonly paths: Paths;
}

const registered: string[] = [];
let app: Awaited<ReturnType<typeof buildTestApp>>;
beforeAll(async () => {
  app = await buildTestApp({
    onRoute: ({ method, url }) => registered.push(...[method].flat().map((it) => `${it} ${url}`)),
  });
  await app.ready();
});
afterAll(() => app.close());

/** The page's own routes, and what is added for HEAD and for CORS, are no part of the contract. */
const isInContract = (route: string): boolean => !/^(HEAD|OPTIONS) | \/(assets\/\*)?$/.test(route);

test("every route that is registered is described, and every described one is registered", () => {
  const described = ROUTES.flatMap(({ route: { methods, path, aliases = [] } }) =>
    [path, ...aliases].flatMap((it) => methods.map((method) => `${method} ${it}`)),
  );
  expect(new Set(described).size).toBe(described.length);
  expect(registered.filter(isInContract).sort()).toEqual(described.sort());
});

test("it is served as YAML, in the version that is asked for", async () => {
  for (const version of ["3.1", "3.2"] as const) {
    const answer = await app.inject(`/api/v1/openapi.yaml?openapi_version=${version}`);
    expect(answer.headers["content-type"]).toMatch("application/yaml");
    expect(parse(answer.body)).toEqual(openApiDocument({ version: "0.1.0", openapi: version }));
  }
  expect((await app.inject("/api/v1/openapi.yaml?openapi_version=2.0")).statusCode).toBe(400);
});

test("operations have names of their own, parameters a place, and references a target", () => {
  const { openapi, paths } = openApiDocument({ version: "1", openapi: "3.1" }) as unknown as Document;
  expect(openapi).toBe("3.1.0");
  const operations = Object.values(paths).flatMap((it) => Object.values(it));
  expect(new Set(operations.map((it) => it.operationId)).size).toBe(operations.length);
  expect(paths["/api/v1/label/{name}/values"]!.get!.parameters).toContainEqual({
    name: "name",
    in: "path",
    required: true,
    schema: { type: "string" },
  });
  expect(paths["/api/v1/query"]!.post!.requestBody).toHaveProperty([
    "content",
    "application/x-www-form-urlencoded",
    "schema",
    "required",
    0,
  ]);
  const references = [...JSON.stringify(paths).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target);
  expect(new Set(references)).toEqual(new Set(["#/components/schemas/Failure"]));
});
