/**
 * The level of a line, as Loki derives it: from its stream's label, its structured metadata, or its text.
 * It is derived where a query needs it, so it costs neither ingestion nor disk, and lines of any age and
 * origin have it.
 */
import type { Labels, LineMetadata } from "@binnacle/model";

export const LEVEL_LABEL = "detected_level";

export const LEVEL_FIELDS = [
  "level",
  "LEVEL",
  "Level",
  "log.level",
  "severity",
  "SEVERITY",
  "Severity",
  "SeverityText",
  "lvl",
  "LVL",
  "Lvl",
  "severity_text",
  "Severity_Text",
  "SEVERITY_TEXT",
] as const;

const UNKNOWN = "unknown";
/** Bytes of a line that are looked at for a level. */
const LOOKED_AT_BYTES = 4096;

/** Undefined where the line brings a level under this very name. */
export function detectLevel(
  stream: Labels,
  metadata: LineMetadata | undefined,
  line: Uint8Array,
): string | undefined {
  if (stream.has(LEVEL_LABEL)) return undefined;
  const own = metadata ?? [];
  for (let i = 0; i < own.length; i += 2) if (own[i] === LEVEL_LABEL) return undefined;
  const field = LEVEL_FIELDS.find((name) => stream.get(name) !== "");
  if (field !== undefined) return normalizeLevel(stream.get(field));
  return levelOfMetadata(own) ?? levelOfLine(line) ?? UNKNOWN;
}

function levelOfMetadata(pairs: LineMetadata): string | undefined {
  for (const field of LEVEL_FIELDS) {
    for (let k = 0; k < pairs.length; k += 2) if (pairs[k] === field) return normalizeLevel(pairs[k + 1]!);
  }
  for (let k = 0; k < pairs.length; k += 2) {
    if (pairs[k] === "severity_number") return levelOfSeverity(Number(pairs[k + 1]));
  }
  return undefined;
}

/** OpenTelemetry's severity numbers, in bands of four. */
export function levelOfSeverity(number: number): string {
  if (!(number > 0)) return UNKNOWN;
  const band = ["trace", "debug", "info", "warn", "error", "fatal"][Math.ceil(number / 4) - 1];
  return band ?? UNKNOWN;
}

const LEVELS: Readonly<Record<string, string>> = {
  trace: "trace",
  trc: "trace",
  debug: "debug",
  dbg: "debug",
  info: "info",
  inf: "info",
  information: "info",
  informational: "info",
  notice: "info",
  warn: "warn",
  wrn: "warn",
  warning: "warn",
  error: "error",
  err: "error",
  critical: "critical",
  fatal: "fatal",
};

/** A word that is no level stays as it is. */
function normalizeLevel(text: string): string {
  return LEVELS[text.toLowerCase()] ?? text;
}

// Fields are looked for by their text: a line is not worth a parse of its own at every push.
const NAMES = LEVEL_FIELDS.map((name) => name.replace(".", String.raw`\.`)).join("|");
const JSON_LEVEL = new RegExp(String.raw`"(?:${NAMES})"\s*:\s*"([^"\\]{1,32})"`);
const LOGFMT_LEVEL = new RegExp(String.raw`(?:^|[\s,])(?:${NAMES})="?([A-Za-z]{1,32})`);
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/\btrace\b|\bTRACE\b|\bTrace\b/, "trace"],
  [/\bdebug\b|\bDEBUG\b|\bDebug\b/, "debug"],
  [/\b(?:fatal|FATAL|Fatal)\b/, "fatal"],
  [/\b(?:critical|CRITICAL|Critical)\b/, "critical"],
  [/err:|ERR:|error|ERROR|Error/, "error"],
  [/\b(?:warn|WARN|Warn|warning|WARNING|Warning)\b/, "warn"],
  [/\b(?:info|INFO|Info)\b/, "info"],
];

/** Undefined where the line says none. */
export function levelOfLine(line: Uint8Array): string | undefined {
  const text = Buffer.from(line.buffer, line.byteOffset, Math.min(line.byteLength, LOOKED_AT_BYTES)).toString(
    "latin1",
  );
  const isJson = text.startsWith("{");
  const named = (isJson ? JSON_LEVEL : LOGFMT_LEVEL).exec(text)?.[1];
  if (named !== undefined) return normalizeLevel(named);
  return WORDS.find(([pattern]) => pattern.test(text))?.[1];
}
