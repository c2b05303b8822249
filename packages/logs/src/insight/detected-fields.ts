/**
 * Which fields lines have, in their metadata or in their text as JSON or logfmt, of what type, and their
 * values.
 */
import { JsonError, JsonReader, type JsonValue } from "../engine/json-fields.ts";
import { sanitizeLabelName } from "../engine/label-name.ts";
import { decodeText } from "../engine/line.ts";
import type { LogEntry } from "../engine/log-entry.ts";
import { scanLogfmt } from "../engine/parse-logfmt.ts";
import { parseGoDuration, parseGoSize } from "../engine/quantities.ts";
import type { StreamResult } from "../engine/streams-query.ts";

export type FieldType = "int" | "float" | "boolean" | "duration" | "bytes" | "string";

export interface DetectedField {
  readonly label: string;
  readonly type: FieldType;
  readonly cardinality: number;
  /** Null for structured metadata, which needs no parser. */
  readonly parsers: readonly ("json" | "logfmt")[] | null;
  readonly jsonPath?: readonly string[];
}

interface Field {
  readonly values: Set<string>;
  readonly parsers: Set<"json" | "logfmt">;
  jsonPath: readonly string[] | undefined;
}

/** The fields of an answer's lines, by name. */
export class FieldTable {
  readonly #fields = new Map<string, Field>();

  constructor(streams: readonly StreamResult[]) {
    for (const { labels, entries } of streams) {
      for (const entry of entries)
        this.#addEntry(new Set([...labels.entries()].map(([name]) => name)), entry);
    }
  }

  fields(limit: number): DetectedField[] {
    const all: DetectedField[] = [];
    for (const [label, { values, parsers, jsonPath }] of this.#fields) {
      const found = parsers.size === 0 ? null : [...parsers].sort();
      const field = { label, type: typeOf(values), cardinality: values.size, parsers: found };
      all.push(jsonPath === undefined ? field : { ...field, jsonPath });
    }
    return all.sort((a, b) => (a.label < b.label ? -1 : 1)).slice(0, limit);
  }

  values(name: string, limit: number): string[] {
    return [...(this.#fields.get(name)?.values ?? [])].sort().slice(0, limit);
  }

  #addEntry(taken: ReadonlySet<string>, { line, metadata, parsed }: LogEntry): void {
    for (let i = 0; i < metadata.length; i += 2) this.#field(metadata[i]!).values.add(metadata[i + 1]!);
    const ofLine = new Set<string>();
    for (const pairs of [metadata, parsed]) for (let i = 0; i < pairs.length; i += 2) ofLine.add(pairs[i]!);
    const text = decodeText(line);
    const found = readJson(text) ?? readLogfmt(text);
    for (const { name, value, parser, path } of found) {
      // A stream's own label keeps the name.
      const isTaken = taken.has(name) && !ofLine.has(name);
      const field = this.#field(isTaken ? `${name}_extracted` : name);
      field.values.add(value);
      field.parsers.add(parser);
      field.jsonPath ??= path;
    }
  }

  #field(name: string): Field {
    let field = this.#fields.get(name);
    if (field === undefined) {
      this.#fields.set(name, (field = { values: new Set(), parsers: new Set(), jsonPath: undefined }));
    }
    return field;
  }
}

interface Found {
  readonly name: string;
  readonly value: string;
  readonly parser: "json" | "logfmt";
  readonly path: readonly string[] | undefined;
}

/** Fields of objects nested deeper than this are left out. */
const PATH_LENGTH_MAX = 128;

/** Undefined for what is no JSON object. */
function readJson(text: string): Found[] | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  const reader = new JsonReader(text);
  const found: Found[] = [];
  const visit = (path: readonly string[], value: JsonValue): true => {
    if (value.kind === "array" || value.kind === "null") return true;
    if (value.kind === "object") {
      if (path.length < PATH_LENGTH_MAX) {
        reader.readObjectAt(value.start, (key, inner) => visit([...path, key], inner));
      }
      return true;
    }
    const name = path.map((key, i) => sanitizeLabelName(key, i === 0)).join("_");
    found.push({ name, value: reader.label(value), parser: "json", path });
    return true;
  };
  try {
    reader.readObject((key, value) => visit([key], value));
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
  return found;
}

function readLogfmt(text: string): Found[] {
  return scanLogfmt(text)
    .filter(({ value }) => value !== "")
    .map(({ key, value }) => ({
      name: sanitizeLabelName(key, true),
      value,
      parser: "logfmt",
      path: undefined,
    }));
}

const TESTS: readonly (readonly [FieldType, (text: string) => boolean])[] = [
  ["int", (text) => /^[+-]?\d+$/.test(text)],
  ["float", (text) => /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)],
  ["boolean", (text) => /^(?:true|false)$/i.test(text)],
  ["duration", (text) => parseGoDuration(text) !== undefined],
  ["bytes", (text) => parseGoSize(text) !== undefined],
];

/** The first type that all values have. */
function typeOf(values: ReadonlySet<string>): FieldType {
  return TESTS.find(([, test]) => [...values].every(test))?.[0] ?? "string";
}
