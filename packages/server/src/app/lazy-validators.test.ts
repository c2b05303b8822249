import { AjvCompiler } from "@fastify/ajv-compiler";
import { ROUTES } from "@binnacle/api/openapi";
import { expect, test } from "vitest";
import { lazyValidators } from "./lazy-validators.ts";

const OPTIONS = { customOptions: { coerceTypes: "array" as const, removeAdditional: false as const } };

test("a validator says what one compiled at once says, each time anew", () => {
  const route = {
    method: "GET",
    url: "/",
    httpPart: "querystring",
    schema: { type: "object", properties: { limit: { type: "integer", minimum: 1 } }, required: ["limit"] },
  };
  const lazy = lazyValidators()({}, OPTIONS)(route);
  const eager = AjvCompiler()({}, OPTIONS)(route);
  for (const query of [{ limit: "3" }, { limit: "0" }, {}, { limit: "x" }, { limit: "7" }]) {
    const [forLazy, forEager] = [{ ...query }, { ...query }];
    expect(lazy(forLazy)).toBe(eager(forEager));
    expect(lazy.errors).toEqual(eager.errors);
    expect(forLazy).toEqual(forEager);
  }
});

test("nothing is compiled before it is asked for", () => {
  const wrong = { schema: { type: "no such type" } };
  const lazy = lazyValidators()({}, OPTIONS)(wrong);
  expect(() => lazy({})).toThrow("schema is invalid");
});

test("every schema of the contract compiles", () => {
  const compile = AjvCompiler()({}, OPTIONS);
  for (const { route } of ROUTES) expect(compile({ schema: route.params })).toBeTypeOf("function");
});
