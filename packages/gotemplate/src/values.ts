/**
 * The values a template computes with, and the Go types they stand for.
 *
 *     undefined          nil                       string     string
 *     bigint             int (64 bits, wrapping)   boolean    bool
 *     number             float64                   array      []any
 *     Map                map[string]any            GoFunction func
 *     record             a struct: an object without prototype; a GoFunction among its fields is a method
 *
 * Ints are bigints because Go tells 1 from 1.0: they print, compare and format differently. An object with a
 * prototype is never a value, so that no template can reach `constructor` or `__proto__` of anything.
 */
import { BinnacleError } from "@binnacle/model";

export type Value =
  | undefined
  | string
  | bigint
  | number
  | boolean
  | readonly Value[]
  | ReadonlyMap<string, Value>
  | GoRecord
  | GoFunction;

/** A struct. Made with `record`, so that it has no prototype. */
export interface GoRecord {
  readonly [field: string]: Value;
}

/** What a parameter takes. `any` takes nil too. */
export interface ParamTypes {
  readonly string: string;
  readonly int: bigint;
  readonly float: number;
  readonly bool: boolean;
  readonly list: readonly Value[];
  readonly map: ReadonlyMap<string, Value>;
  readonly any: Value;
}
export type ParamType = keyof ParamTypes;
type ArgumentsOf<Params extends readonly ParamType[]> = {
  -readonly [Index in keyof Params]: ParamTypes[Params[Index]];
};

/** What a function may ask of the execution that calls it. */
export interface CallContext {
  /** Executes another template of the same set with `dot`, and gives what it wrote. */
  executeTemplate(name: string, dot: Value): string;
  /** What a key gives that a map does not have. */
  readonly missingValue: Value;
}

/** A function with its signature: arguments are counted and their types checked before it is called. */
export class GoFunction {
  readonly params: readonly ParamType[];
  /** Type of the arguments after `params`, where there may be any number of them. */
  readonly rest: ParamType | undefined;
  readonly call: (args: readonly Value[], context: CallContext) => Value;

  constructor(
    params: readonly ParamType[],
    rest: ParamType | undefined,
    call: (args: readonly Value[], context: CallContext) => Value,
  ) {
    this.params = params;
    this.rest = rest;
    this.call = call;
  }
}

export type FunctionTable = Readonly<Record<string, GoFunction>>;

/** A function of a fixed number of arguments. */
export function fn<const Params extends readonly ParamType[]>(
  params: Params,
  call: (...args: ArgumentsOf<Params>) => Value,
): GoFunction {
  return new GoFunction(params, undefined, (args) => call(...(args as unknown as ArgumentsOf<Params>)));
}

/** A function that takes any number of arguments of one type after its fixed ones. */
export function variadic<const Params extends readonly ParamType[], Rest extends ParamType>(
  params: Params,
  rest: Rest,
  call: (...args: [...ArgumentsOf<Params>, ...ParamTypes[Rest][]]) => Value,
): GoFunction {
  return new GoFunction(params, rest, (args) =>
    call(...(args as unknown as [...ArgumentsOf<Params>, ...ParamTypes[Rest][]])),
  );
}

/** A struct with these fields. */
export function record(fields: Readonly<Record<string, Value>>): GoRecord {
  return Object.assign(Object.create(null) as Record<string, Value>, fields);
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

export function isRecord(value: Value): value is GoRecord {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null;
}

/** A function's way to refuse: the interpreter adds the function's name and the place. */
export function templateError(message: string): BinnacleError {
  return new BinnacleError("BAD_TEMPLATE", message);
}

/** The value as an int of 64 bits, wrapping as Go's ints do. */
export function toInt(value: bigint | number): bigint {
  return BigInt.asIntN(64, BigInt(value));
}

/** Go's name of a value's type, for messages and for %T. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case "undefined":
      return "<nil>";
    case "string":
      return "string";
    case "bigint":
      return "int";
    case "number":
      return "float64";
    case "boolean":
      return "bool";
    default:
      if (isList(value)) return "[]interface {}";
      if (isMap(value)) return "map[string]interface {}";
      return value instanceof GoFunction ? "func" : "struct";
  }
}

/** Whether `if` takes the value for true: not nil, not zero, not empty; a struct is always true. */
export function isTrue(value: Value): boolean {
  switch (typeof value) {
    case "undefined":
      return false;
    case "string":
      return value !== "";
    case "bigint":
      return value !== 0n;
    case "number":
      // NaN differs from zero and so is true in Go, though not in JavaScript.
      return value !== 0;
    case "boolean":
      return value;
    default:
      if (isList(value)) return value.length > 0;
      return isMap(value) ? value.size > 0 : true;
  }
}
