/** Configuration as a person may see it: YAML without its secrets. */
import type { z } from "zod";
import { stringify } from "yaml";
import { REDACTED, secret } from "./pieces/secret.ts";

/**
 * YAML of any value. Classes speak through toJSON or toString: a Secret as `<secret>`, a Regexp as its
 * pattern.
 */
export function renderYaml(value: unknown): string {
  return stringify(toPlain(value), { lineWidth: 0, aliasDuplicateObjects: false });
}

function toPlain(value: unknown): unknown {
  if (typeof value === "string") return withoutUrlPassword(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(toPlain);
  if ("toJSON" in value && typeof value.toJSON === "function") return toPlain(value.toJSON());
  if ("pattern" in value && typeof value.pattern === "string") return value.pattern;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, toPlain(item)]),
  );
}

function withoutUrlPassword(text: string): string {
  return text.replace(/^(\w+:\/\/[^/:@]*):[^/@]*@/, `$1:${REDACTED}@`);
}

/**
 * A document as written, with `<secret>` wherever its schema has `secret`. Where a union leaves open which
 * branch was meant, what any branch calls secret is hidden.
 */
export function redactSecrets(schema: z.core.$ZodType, value: unknown): unknown {
  if (value === undefined || value === null) return value;
  if (schema === secret) return REDACTED;
  const definition = schema._zod.def as Definition;
  switch (definition.type) {
    case "object": {
      const { shape = {}, catchall } = definition;
      return mapValues(value, (item, key) => redactWith(shape[key] ?? catchall, item));
    }
    case "record":
      return mapValues(value, (item) => redactWith(definition.valueType, item));
    case "array":
      return Array.isArray(value) ? value.map((item) => redactWith(definition.element, item)) : value;
    case "union":
      return (definition.options ?? []).reduce((rest: unknown, option) => redactSecrets(option, rest), value);
    case "intersection":
      return redactWith(definition.right, redactWith(definition.left, value));
    case "pipe": {
      // A preprocess stands before what it feeds: its input has no schema of its own.
      const isPreprocess = definition.in?._zod.def.type === "transform";
      return redactWith(isPreprocess ? definition.out : definition.in, value);
    }
    case "lazy":
      return redactWith(definition.getter?.(), value);
    case "unknown":
    case "any":
      return redactByName(value);
    default:
      return redactWith(definition.innerType, value);
  }
}

/** Last words of keys that hold secrets in Prometheus's configuration and its like. */
const SECRET_NAME =
  /(?:password|secrets?|credentials|token|authorization|(?:access|api|private|secret|signing|encryption)_?key|^key)$/i;

/**
 * Where a schema takes anything, names must tell: sections that are read and have no effect hold secrets too.
 */
function redactByName(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactByName);
  return mapValues(value, (item, key) => (SECRET_NAME.test(key) ? redactTexts(item) : redactByName(item)));
}

function redactTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactTexts);
  if (typeof value === "object" && value !== null) return redactByName(value);
  return value === undefined || value === null ? value : REDACTED;
}

/** The parts of zod's definitions that hold other schemas, by kind. */
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly catchall?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
  readonly left?: z.core.$ZodType;
  readonly right?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly out?: z.core.$ZodType;
  readonly getter?: () => z.core.$ZodType;
  readonly innerType?: z.core.$ZodType;
}

function redactWith(schema: z.core.$ZodType | undefined, value: unknown): unknown {
  return schema === undefined ? value : redactSecrets(schema, value);
}

function mapValues(value: unknown, change: (item: unknown, key: string) => unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item, key)]));
}
