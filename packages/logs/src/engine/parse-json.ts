/** `| json` and `| json name="path"`, and `| unpack`. */
import { BinnacleError } from "@binnacle/model";
import type { JsonStage } from "../parser/ast.ts";
import { JsonError, JsonReader, unescapeJson, type JsonValue } from "./json-fields.ts";
import type { Line } from "./line.ts";
import { sanitizeLabelName } from "./label-name.ts";
import type { LineStage } from "./stage.ts";

export function compileJson(stage: JsonStage): LineStage {
  return stage.extractions.length === 0 ? parseAll : compileExtractions(stage);
}

/** Objects within objects whose fields are read; what is nested deeper is left out. */
const DEPTH_MAX = 128;

function parseAll(line: Line): boolean {
  const { labels } = line;
  if (labels.isComplete) return true;
  const reader = new JsonReader(line.text);
  /** False once nothing more is needed. */
  const visit = (prefix: string, depth: number, key: string, value: JsonValue): boolean => {
    const isStart = prefix === "";
    const part = sanitizeLabelName(key, isStart);
    const name = isStart ? part : `${prefix}_${part}`;
    if (value.kind === "object" && depth < DEPTH_MAX) {
      return reader.readObjectAt(value.start, (inner, field) => visit(name, depth + 1, inner, field));
    }
    if (value.kind !== "string" && value.kind !== "number" && value.kind !== "boolean") return true;
    if (name !== "") labels.setParsed(name, reader.label(value));
    return !labels.isComplete;
  };
  // What was found before a mistake in the text counts too.
  attempt(line, () => reader.readObject((key, value) => visit("", 1, key, value)));
  return true;
}

/** False when the text is not JSON: then the line has an error. */
function attempt(line: Line, read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    line.labels.setError("JSONParserErr", error.message);
    return false;
  }
}

type PathStep = string | number;

function compileExtractions(stage: JsonStage): LineStage {
  const wanted = stage.extractions.map(({ name, path }) => ({ name, path: parsePath(path) }));
  return ({ text, labels }) => {
    if (text === "" || labels.isComplete) return true;
    if (!/^["{[]/.test(text)) {
      labels.setError("JSONParserErr", "");
      return true;
    }
    const missing: string[] = [];
    for (const { name, path } of wanted) {
      const value = lookUp(text, path);
      if (value === undefined) missing.push(name);
      else labels.setExtracted(name, value);
    }
    for (const name of missing) if (labels.get(name) === undefined) labels.set(name, "");
    return true;
  };
}

/** Undefined where the path leads to nothing, or where the text cannot be read as far as that. */
function lookUp(text: string, path: readonly PathStep[]): string | undefined {
  const reader = new JsonReader(text);
  try {
    // The whole need not be well formed, only what comes before what is asked for.
    let current: JsonValue = { kind: text.startsWith("{") ? "object" : "array", start: 0, end: text.length };
    for (const step of path) {
      const next = child(reader, current, step);
      if (next === undefined) return undefined;
      current = next;
    }
    return current.kind === "array" ? (unescapeJson(reader.text(current)) ?? "") : reader.label(current);
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

/** The first of equal names; what follows it is not read. */
function child(reader: JsonReader, { kind, start }: JsonValue, step: PathStep): JsonValue | undefined {
  let found: JsonValue | undefined;
  if (typeof step === "string" && kind === "object") {
    reader.readObjectAt(start, (key, value) => {
      if (key === step) found = value;
      return found === undefined;
    });
  } else if (typeof step === "number" && kind === "array") {
    let index = 0;
    reader.readArray(start, (value) => {
      if (index++ === step) found = value;
      return found === undefined;
    });
  }
  return found;
}

/** `a.b[0]["c d"]`. Throws PARSE_ERROR. */
export function parsePath(path: string): PathStep[] {
  const steps: PathStep[] = [];
  const pattern = /\.?([a-zA-Z_][a-zA-Z0-9_]*)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/y;
  let at = 0;
  while (at < path.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(path);
    if (match === null) {
      throw new BinnacleError(
        "PARSE_ERROR",
        `json path ${JSON.stringify(path)}: cannot be read at character ${at + 1}`,
      );
    }
    const [, name, index, quoted] = match;
    if (name !== undefined) steps.push(name);
    else if (index !== undefined) steps.push(Number(index));
    else steps.push(quoted!.replaceAll(/\\(.)/g, "$1"));
    at = pattern.lastIndex;
  }
  if (steps.length === 0) throw new BinnacleError("PARSE_ERROR", "json path: it is empty");
  return steps;
}

/**
 * Undoes Promtail's pack: string fields become labels, `_entry` the line. A line that was not packed stays
 * as it is.
 */
export function unpack(line: Line): boolean {
  if (line.text === "" || line.labels.isComplete) return true;
  const reader = new JsonReader(line.text);
  const found: [string, string][] = [];
  let entry: string | undefined;
  const isRead = attempt(line, () => {
    if (!line.text.startsWith("{")) throw new JsonError("expected an object at character 1");
    reader.readObject((key, value) => {
      if (value.kind === "string") {
        if (key === "_entry") entry = reader.label(value);
        else found.push([sanitizeLabelName(key, true), reader.label(value)]);
      }
      return true;
    });
  });
  // Labels are taken only from what has a line of its own.
  if (!isRead || entry === undefined) return true;
  for (const [name, value] of found) line.labels.setParsed(name, value);
  line.text = entry;
  return true;
}
