/**
 * What all of OTLP's signals share: resources, scopes and attributes, whether they came in protobuf or in
 * JSON.
 * https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto/common/v1
 */

/**
 * An attribute's value. Integers are bigint, so that they differ from doubles; undefined is a value that is
 * not set.
 */
export type AnyValue =
  | string
  | boolean
  | bigint
  | number
  | Uint8Array
  | readonly AnyValue[]
  | KeyValueList
  | undefined;

/** A value that is a list of attributes. */
export interface KeyValueList {
  readonly attributes: readonly Attribute[];
}

export interface Attribute {
  readonly key: string;
  readonly value: AnyValue;
}

export interface Resource {
  readonly attributes: readonly Attribute[];
}

export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: readonly Attribute[];
}

export const NO_RESOURCE: Resource = { attributes: [] };
export const NO_SCOPE: Scope = { name: "", version: "", attributes: [] };

/**
 * A value as OpenTelemetry's own libraries write it where a text is wanted: bytes in base64, the rest as
 * JSON.
 */
export function anyValueText(value: AnyValue): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (typeof value !== "object") return String(value);
  return jsonText(value);
}

/** The value as JSON, keys in order, as Go writes maps. */
function jsonText(value: AnyValue): string {
  if (value === undefined) return "null";
  if (isList(value)) return `[${value.map(jsonText).join(",")}]`;
  if (typeof value === "object" && "attributes" in value) {
    const byKey = new Map(value.attributes.map((attribute) => [attribute.key, attribute.value]));
    const keys = [...byKey.keys()].sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${jsonText(byKey.get(key))}`).join(",")}}`;
  }
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number" && !Number.isFinite(value)) return JSON.stringify(String(value));
  return value instanceof Uint8Array ? JSON.stringify(anyValueText(value)) : String(value);
}

function isList(value: AnyValue): value is readonly AnyValue[] {
  return Array.isArray(value);
}
