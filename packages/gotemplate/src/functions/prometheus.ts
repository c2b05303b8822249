/**
 * The functions that templates of Prometheus's rules have beside Go's own.
 *
 * `query` and `now` depend on the evaluation: the table holds them as refusing functions, so that templates
 * can be checked without one, and `evaluationFunctions` makes those that work, anew for each execution.
 */
import { compareText, tryParseDuration } from "@binnacle/model";
import { Regexp } from "@binnacle/re2";
import { durationValue, timeValue } from "../go-time.ts";
import { suspending } from "../suspension.ts";
import {
  fn,
  GoFunction,
  isMap,
  isRecord,
  record,
  templateError,
  variadic,
  type FunctionTable,
  type GoRecord,
  type Value,
} from "../values.ts";
import { escapeQuery } from "./escape.ts";
import {
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
  secondsToNs,
  toFloat,
} from "./humanize.ts";

/** A sample of a query's result, as `first`, `label` and `value` take it. */
export function sampleValue(labels: ReadonlyMap<string, string>, value: number): GoRecord {
  return record({ Labels: labels, Value: value });
}

function labelOf(sample: Value, name: string): string {
  const labels = isRecord(sample) ? sample["Labels"] : undefined;
  if (labels === undefined || !isMap(labels)) throw templateError("not a sample of a query's result");
  const value = labels.get(name);
  return typeof value === "string" ? value : "";
}

const refuse = (name: string) => () => {
  throw templateError(`${name} is not available here`);
};

/** All of Prometheus's functions. `externalUrl` is the address at which people reach this server. */
export function prometheusFunctions(options: { readonly externalUrl: string }): FunctionTable {
  const { externalUrl } = options;
  const path = URL.parse(externalUrl)?.pathname.replace(/\/$/, "") ?? "";
  return {
    query: fn(["string"], refuse("query")),
    now: fn([], refuse("now")),
    first: fn(["list"], (vector) => {
      if (vector.length === 0) throw templateError("first() called on vector with no elements");
      return vector[0];
    }),
    label: fn(["string", "any"], (name, sample) => labelOf(sample, name)),
    value: fn(["any"], (sample) => {
      if (!isRecord(sample)) throw templateError("not a sample of a query's result");
      return sample["Value"];
    }),
    strvalue: fn(["any"], (sample) => labelOf(sample, "__value__")),
    sortByLabel: fn(["string", "list"], (name, vector) =>
      vector.toSorted((a, b) => compareText(labelOf(a, name), labelOf(b, name))),
    ),
    args: variadic([], "any", (...values) => new Map(values.map((value, i) => [`arg${i}`, value]))),
    tmpl: new GoFunction(["string", "any"], undefined, ([name, dot], context) =>
      context.executeTemplate(name as string, dot),
    ),
    safeHtml: fn(["string"], (text) => text),
    reReplaceAll: fn(["string", "string", "string"], (pattern, replacement, text) =>
      Regexp.compile(pattern).replaceAll(text, replacement),
    ),
    match: fn(["string", "string"], (pattern, text) => Regexp.compile(pattern).test(text)),
    title: fn(["string"], (text) => text.replace(/(?<![\p{L}\p{N}\p{M}_'’])\p{L}/gu, toTitle)),
    toUpper: fn(["string"], (text) => text.toUpperCase()),
    toLower: fn(["string"], (text) => text.toLowerCase()),
    graphLink: fn(["string"], (expr) => `/graph?g0.expr=${escapeQuery(expr)}&g0.tab=0`),
    tableLink: fn(["string"], (expr) => `/graph?g0.expr=${escapeQuery(expr)}&g0.tab=1`),
    urlQueryEscape: fn(["string"], escapeQuery),
    stripPort: fn(["string"], stripPort),
    stripDomain: fn(["string"], stripDomain),
    humanize: fn(["any"], (value) => humanize(toFloat(value))),
    humanize1024: fn(["any"], (value) => humanize1024(toFloat(value))),
    humanizeDuration: fn(["any"], (value) => humanizeDuration(toFloat(value))),
    humanizePercentage: fn(["any"], (value) => humanizePercentage(toFloat(value))),
    humanizeTimestamp: fn(["any"], (value) => humanizeTimestamp(toFloat(value))),
    toTime: fn(["any"], (value) => timeValue(secondsToNs(toFloat(value)))),
    toDuration: fn(["any"], (value) => durationValue(secondsToNs(toFloat(value)))),
    parseDuration: fn(["string"], (text) => {
      const ms = tryParseDuration(text);
      if (ms === undefined) throw templateError(`not a valid duration string: ${JSON.stringify(text)}`);
      return ms / 1000;
    }),
    externalURL: fn([], () => externalUrl),
    pathPrefix: fn([], () => path),
  };
}

/** `query` and `now` for one execution, which must be an `executeAsync`. */
export function evaluationFunctions(options: {
  /** Samples as `sampleValue` makes them. */
  readonly query: (expression: string) => Promise<readonly GoRecord[]>;
  readonly timeMs: number;
}): FunctionTable {
  return {
    query: fn(["string"], suspending(options.query)),
    now: fn([], () => options.timeMs / 1000),
  };
}

/** ß becomes Ss, not SS. */
function toTitle(letter: string): string {
  const upper = letter.toUpperCase();
  return upper.slice(0, letter.length) + upper.slice(letter.length).toLowerCase();
}

/** host:port → host; what has no port stays as it is. */
function stripPort(text: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):[^:[\]]*$/.exec(text);
  return match === null ? text : (match[1] ?? match[2]!);
}

/** host.domain:port → host:port; addresses stay as they are. */
function stripDomain(text: string): string {
  const host = stripPort(text);
  const port = text.slice(text.startsWith("[") ? host.length + 2 : host.length);
  if (host.includes(":") || /^\d+\.\d+\.\d+\.\d+$/.test(host)) return text;
  return host.replace(/\..*$/s, "") + port;
}
