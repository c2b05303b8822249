/**
 * The functions every template has. `and` and `or` are only declared: the interpreter evaluates them lazily.
 */
import { callFunction } from "../call.ts";
import { print, println } from "../format.ts";
import { printf } from "../printf.ts";
import { fn, GoFunction, isTrue, templateError, typeName, variadic, type FunctionTable } from "../values.ts";
import { indexValue, lengthOf, sliceValue } from "./access.ts";
import { equals, equalsAny, isLess } from "./compare.ts";
import { escapeHtml, escapeJs, escapeQuery } from "./escape.ts";

const lazy = () =>
  new GoFunction(["any"], "any", () => {
    throw new Error("BUG: the interpreter evaluates and, or itself");
  });

export const AND: GoFunction = lazy();
export const OR: GoFunction = lazy();

export const BUILTINS: FunctionTable = {
  and: AND,
  or: OR,
  not: fn(["any"], (value) => !isTrue(value)),
  len: fn(["any"], lengthOf),
  index: new GoFunction(["any"], "any", ([item, ...keys], context) =>
    indexValue(item, keys, context.missingValue),
  ),
  slice: variadic(["any"], "any", (item, ...bounds) => sliceValue(item, bounds)),
  print: variadic([], "any", (...values) => print(values)),
  println: variadic([], "any", (...values) => println(values)),
  printf: variadic(["string"], "any", (format, ...values) => printf(format, values)),
  html: variadic([], "any", (...values) => escapeHtml(print(values))),
  js: variadic([], "any", (...values) => escapeJs(print(values))),
  urlquery: variadic([], "any", (...values) => escapeQuery(print(values))),
  call: new GoFunction(["any"], "any", ([target, ...args], context) => {
    if (target === undefined) throw templateError("call of nil");
    if (!(target instanceof GoFunction)) {
      throw templateError(`non-function of type ${typeName(target)}`);
    }
    return callFunction("value", target, args, context);
  }),
  eq: variadic(["any"], "any", (first, ...others) => equalsAny(first, others)),
  ne: fn(["any", "any"], (a, b) => !equals(a, b)),
  lt: fn(["any", "any"], isLess),
  le: fn(["any", "any"], (a, b) => isLess(a, b) || equals(a, b)),
  gt: fn(["any", "any"], (a, b) => !isLess(a, b) && !equals(a, b)),
  ge: fn(["any", "any"], (a, b) => !isLess(a, b)),
};
