/** Lines as a person reads them: a colour a pod, what was looked for marked; plain where nobody looks. */
import { Regexp } from "@binnacle/re2";

export type LineOutput = "default" | "raw" | "json";

export interface PrintedLine {
  readonly labels: Readonly<Record<string, string>>;
  /** Unix ns, as text. */
  readonly timeNs: string;
  readonly line: string;
}

export interface LinePrinterOptions {
  readonly output: LineOutput;
  readonly hasColors: boolean;
  readonly showsTimes: boolean;
  /** An RE2 pattern. */
  readonly highlight: string | undefined;
}

/** Colours that read well on dark and on light. */
const COLORS = [36, 32, 35, 33, 34, 96, 92, 95, 93, 94];
const RESET = "\u001b[0m";

/** Throws BAD_REGEXP. */
export function linePrinter(options: LinePrinterOptions): (line: PrintedLine) => string {
  const { output, hasColors, showsTimes } = options;
  const highlight = options.highlight === undefined ? undefined : Regexp.compile(options.highlight);
  const mark = (text: string): string =>
    highlight === undefined || !hasColors ? text : highlight.replaceAll(text, "\u001b[7m${0}\u001b[27m");
  return ({ labels, timeNs, line }) => {
    if (output === "json") return `${JSON.stringify({ timestamp: isoTime(timeNs), labels, line })}\n`;
    const time = showsTimes ? `${isoTime(timeNs)} ` : "";
    if (output === "raw") return `${time}${mark(line)}\n`;
    const name = nameOf(labels);
    const prefix = hasColors ? `\u001b[${colorOf(name)}m${name}${RESET}` : name;
    return `${time}${prefix} ${mark(line)}\n`;
  };
}

function nameOf(labels: Readonly<Record<string, string>>): string {
  const { pod, container } = labels;
  if (pod !== undefined) return container === undefined ? pod : `${pod}/${container}`;
  const first = ["service_name", "app", "job", "filename"].find((name) => labels[name] !== undefined);
  return first === undefined ? JSON.stringify(labels) : labels[first]!;
}

/** The same pod has the same colour each time. */
function colorOf(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (hash * 31 + name.charCodeAt(i)) >>> 0;
  return COLORS[hash % COLORS.length]!;
}

function isoTime(timeNs: string): string {
  const ns = BigInt(timeNs);
  const ms = new Date(Number(ns / 1_000_000n)).toISOString().slice(0, -1);
  return `${ms}${String(ns % 1_000_000n).padStart(6, "0")}Z`;
}

/** Colours where a person looks, unless NO_COLOR or the flag says otherwise. */
export function wantsColors(color: "auto" | "always" | "never", isInteractive: boolean): boolean {
  if (color !== "auto") return color === "always";
  return isInteractive && (process.env["NO_COLOR"] ?? "") === "";
}
