/** `eq ne lt le gt ge`: only values of one basic type compare; an int and a float do not. */
import { compareText } from "@binnacle/model";
import { templateError, typeName, type Value } from "../values.ts";

/** Whether the first equals any of the others. */
export function equalsAny(first: Value, others: readonly Value[]): boolean {
  if (others.length === 0) throw templateError("missing argument for comparison");
  return others.some((other) => equals(first, other));
}

export function equals(a: Value, b: Value): boolean {
  // nil equals nil and may be compared with anything.
  if (a === undefined || b === undefined) return a === b;
  checkBasic(a);
  checkBasic(b);
  if (typeof a !== typeof b) throw incompatible(a, b);
  return a === b;
}

export function isLess(a: Value, b: Value): boolean {
  if (a === undefined || b === undefined || typeof a === "boolean") {
    throw templateError(`invalid type for comparison: ${typeName(a)}`);
  }
  checkBasic(a);
  checkBasic(b);
  if (typeof a === "string" && typeof b === "string") return compareText(a, b) < 0;
  if (typeof a === "bigint" && typeof b === "bigint") return a < b;
  if (typeof a === "number" && typeof b === "number") return a < b;
  throw incompatible(a, b);
}

function checkBasic(value: Value): void {
  if (typeof value === "object") throw templateError(`non-comparable type ${typeName(value)}`);
}

function incompatible(a: Value, b: Value): Error {
  return templateError(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
}
