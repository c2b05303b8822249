/** `index`, `slice` and `len`. Texts are bytes here, as in Go: positions and lengths count their UTF-8. */
import { isList, isMap, templateError, typeName, type Value } from "../values.ts";

/** `index x 1 "a"` is x[1]["a"]. A key that a map does not have gives `missing`. */
export function indexValue(item: Value, keys: readonly Value[], missing: Value): Value {
  let value = item;
  for (const key of keys) {
    if (value === undefined) throw templateError("index of untyped nil");
    if (isMap(value)) {
      if (typeof key !== "string") throw templateError(`value has type ${typeName(key)}; should be string`);
      value = value.has(key) ? value.get(key) : missing;
    } else if (isList(value)) {
      value = value[position(key, value.length - 1)];
    } else if (typeof value === "string") {
      const bytes = Buffer.from(value, "utf8");
      value = BigInt(bytes[position(key, bytes.length - 1)]!);
    } else {
      throw templateError(`can't index item of type ${typeName(value)}`);
    }
  }
  return value;
}

/** `slice x 1 2` is x[1:2]. */
export function sliceValue(item: Value, bounds: readonly Value[]): Value {
  if (item === undefined) throw templateError("slice of untyped nil");
  if (bounds.length > 3) throw templateError(`too many slice indexes: ${bounds.length}`);
  if (typeof item === "string") {
    if (bounds.length === 3) throw templateError("cannot 3-index slice a string");
    const bytes = Buffer.from(item, "utf8");
    const [start, end] = range(bounds, bytes.length);
    return bytes.subarray(start, end).toString("utf8");
  }
  if (!isList(item)) throw templateError(`can't slice item of type ${typeName(item)}`);
  const [start, end] = range(bounds, item.length);
  return item.slice(start, end);
}

function range(bounds: readonly Value[], length: number): readonly [number, number] {
  const start = bounds.length > 0 ? position(bounds[0], length) : 0;
  const end = bounds.length > 1 ? position(bounds[1], length) : length;
  if (start > end) throw templateError(`invalid slice index: ${start} > ${end}`);
  return [start, end];
}

function position(key: Value, max: number): number {
  if (key === undefined) throw templateError("cannot index slice/array with nil");
  if (typeof key !== "bigint") throw templateError(`cannot index slice/array with type ${typeName(key)}`);
  if (key < 0n || key > BigInt(max)) throw templateError(`index out of range: ${key}`);
  return Number(key);
}

export function lengthOf(item: Value): bigint {
  if (typeof item === "string") return BigInt(Buffer.byteLength(item, "utf8"));
  if (isList(item)) return BigInt(item.length);
  if (isMap(item)) return BigInt(item.size);
  throw templateError(item === undefined ? "len of nil pointer" : `len of type ${typeName(item)}`);
}
