/** `| json` and `| json name="path"`, and `| unpack`. */
import { BinnacleError } from "@binnacle/model";
import type { JsonStage } from "../parser/ast.ts";
import { JsonError, JsonReader, type JsonValue } from "./json-fields.ts";
import type { Line } from "./line.ts";
import { sanitizeLabelName } from "./label-name.ts";
import type { LineStage } from "./stage.ts";

export function compileJson(stage: JsonStage): LineStage {
  return stage.extractions.length === 0 ? parseAll : compileExtractions(stage);
}

function parseAll(line: Line): boolean {
  const reader = new JsonReader(line.text);
  const found = new Map<string, string>();
  const visit = (prefix: string, key: string, value: JsonValue): void => {
    const name = prefix === "" ? sanitizeLabelName(key, true) : `${prefix}_${sanitizeLabelName(key, false)}`;
    if (value.kind === "array" || value.kind === "null") return;
    if (value.kind === "object") {
      reader.readObjectAt(value.start, (inner, innerValue) => visit(name, inner, innerValue));
      return;
    }
    // Of two fields with one name the first wins.
    if (name !== "" && !found.has(name)) found.set(name, reader.label(value));
  };
  return attempt(line, () => reader.readObject((key, value) => visit("", key, value)), found);
}

/** What was found before a mistake in the text counts too. */
function attempt(line: Line, read: () => void, found: ReadonlyMap<string, string>): boolean {
  let failure: string | undefined;
  try {
    read();
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    failure = error.message;
  }
  for (const [name, value] of found) line.labels.setParsed(name, value);
  if (failure !== undefined) line.labels.setError("JSONParserErr", failure);
  return true;
}

type PathStep = string | number;

function compileExtractions(stage: JsonStage): LineStage {
  const wanted = stage.extractions.map(({ name, path }) => ({ name, path: parsePath(path) }));
  return (line) => {
    const { text } = line;
    if (text === "") return true;
    const found = new Map<string, string>();
    return attempt(
      line,
      () => {
        // The whole is read once, so that a mistake anywhere is told.
        new JsonReader(text).readObject(() => undefined);
        for (const { name, path } of wanted) found.set(name, lookUp(text, path));
      },
      found,
    );
  };
}

function lookUp(text: string, path: readonly PathStep[]): string {
  const reader = new JsonReader(text);
  let current: JsonValue | undefined = { kind: "object", start: text.indexOf("{"), end: text.length };
  for (const step of path) {
    const { kind, start }: JsonValue = current;
    let next: JsonValue | undefined;
    if (typeof step === "string" && kind === "object") {
      reader.readObjectAt(start, (key, value) => {
        if (key === step) next ??= value;
      });
    } else if (typeof step === "number" && kind === "array") {
      let index = 0;
      reader.readArray(start, (value) => {
        if (index++ === step) next = value;
      });
    }
    if (next === undefined) return "";
    current = next;
  }
  return reader.label(current);
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
  if (line.text === "") return true;
  const reader = new JsonReader(line.text);
  const found = new Map<string, string>();
  let entry: string | undefined;
  const read = (): void => {
    reader.readObject((key, value) => {
      if (value.kind !== "string") return;
      const text = reader.label(value);
      if (key === "_entry") entry = text;
      else found.set(sanitizeLabelName(key, true), text);
    });
    // Labels are taken only from what has a line of its own.
    if (entry === undefined) found.clear();
  };
  const hadError = line.labels.hasError;
  attempt(line, read, found);
  if (entry !== undefined && (hadError || !line.labels.hasError)) line.text = entry;
  return true;
}
