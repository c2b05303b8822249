/** Calls a function of the table after checking its arguments against its signature. */
import { unreachable } from "@binnacle/model";
import {
  isList,
  isMap,
  templateError,
  typeName,
  type CallContext,
  type GoFunction,
  type ParamType,
  type Value,
} from "./values.ts";

const GO_NAMES: Readonly<Record<ParamType, string>> = {
  string: "string",
  int: "int",
  float: "float64",
  bool: "bool",
  list: "[]interface {}",
  map: "map[string]interface {}",
  any: "interface {}",
};

/** The type of a function's argument number `index`. */
export function paramType(fn: GoFunction, index: number): ParamType {
  return fn.params[index] ?? fn.rest ?? "any";
}

/** Throws BAD_TEMPLATE without a place where the number or a type of the arguments is not the function's. */
export function callFunction(
  name: string,
  fn: GoFunction,
  args: readonly Value[],
  context: CallContext,
): Value {
  const { params, rest } = fn;
  if (rest === undefined ? args.length !== params.length : args.length < params.length) {
    const want = rest === undefined ? `${params.length}` : `at least ${params.length}`;
    throw templateError(`wrong number of args for ${name}: want ${want} got ${args.length}`);
  }
  for (let i = 0; i < args.length; i++) checkType(args[i], paramType(fn, i), name);
  return fn.call(args, context);
}

function checkType(value: Value, type: ParamType, name: string): void {
  if (fits(value, type)) return;
  throw templateError(
    `wrong type for value in call of ${name}; expected ${GO_NAMES[type]}; got ${typeName(value)}`,
  );
}

function fits(value: Value, type: ParamType): boolean {
  switch (type) {
    case "any":
      return true;
    case "string":
      return typeof value === "string";
    case "int":
      return typeof value === "bigint";
    case "float":
      return typeof value === "number";
    case "bool":
      return typeof value === "boolean";
    case "list":
      return isList(value);
    case "map":
      return isMap(value);
    default:
      return unreachable(type);
  }
}
