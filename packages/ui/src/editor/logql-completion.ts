/** What may come next in a LogQL query. */
import type {
  Completion,
  CompletionContext,
  CompletionResult,
  CompletionSource,
} from "@codemirror/autocomplete";
import type { EditorView } from "@codemirror/view";
import {
  LINE_FILTERS,
  LOGQL_AGGREGATIONS,
  LOGQL_FUNCTIONS,
  LOGQL_KEYWORDS,
  LOGQL_STAGES,
} from "./logql-words.ts";

/** Where names come from. */
export interface LogqlNames {
  labels(): Promise<readonly string[]>;
  /** Values of a label among the streams of a selector, where one is given. */
  values(label: string, selector: string | undefined): Promise<readonly string[]>;
}

export type LogqlPlace =
  | { readonly kind: "label"; readonly typed: string }
  | {
      readonly kind: "value";
      readonly label: string;
      readonly typed: string;
      readonly selector: string | undefined;
    }
  | { readonly kind: "matcher" }
  | { readonly kind: "pipeline"; readonly typed: string }
  | { readonly kind: "stage"; readonly typed: string }
  | { readonly kind: "start"; readonly typed: string }
  | { readonly kind: "nothing" };

/** Where in the grammar the end of a text stands. It looks back over the text only, in one pass. */
export function placeIn(before: string): LogqlPlace {
  let openBrace = -1;
  let quote = "";
  let quoteStart = -1;
  for (let index = 0; index < before.length; index++) {
    const char = before[index]!;
    if (quote !== "") {
      if (char === "\\" && quote === '"') index++;
      else if (char === quote) quote = "";
    } else if (char === '"' || char === "`") {
      quote = char;
      quoteStart = index;
    } else if (char === "{") openBrace = index;
    else if (char === "}") openBrace = -1;
  }
  if (openBrace !== -1) return placeInSelector(before, openBrace, quote === "" ? -1 : quoteStart);
  if (quote !== "") return { kind: "nothing" };
  const typed = /[a-zA-Z_]*$/.exec(before)![0];
  const rest = before.slice(0, before.length - typed.length).trimEnd();
  if (!before.includes("{")) return { kind: "start", typed };
  if (rest.endsWith("|")) return { kind: "stage", typed };
  if (typed === "" && (rest.endsWith("}") || rest.endsWith('"') || rest.endsWith("`")))
    return { kind: "pipeline", typed };
  return { kind: "nothing" };
}

function placeInSelector(before: string, openBrace: number, quoteStart: number): LogqlPlace {
  if (quoteStart > openBrace) {
    const label = /([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*$/.exec(before.slice(openBrace, quoteStart))?.[1];
    if (label === undefined) return { kind: "nothing" };
    const others = before
      .slice(openBrace + 1, quoteStart)
      .replace(/,?\s*[a-zA-Z_]\w*\s*(?:=~|!~|!=|=)\s*$/, "");
    const selector = others.trim() === "" ? undefined : `{${others}}`;
    return { kind: "value", label, typed: before.slice(quoteStart + 1), selector };
  }
  const inside = before.slice(openBrace + 1);
  const word = /(?:^|,)\s*([a-zA-Z_]\w*)?$/.exec(inside);
  if (word !== null) return { kind: "label", typed: word[1] ?? "" };
  return /[a-zA-Z_]\w*\s+$/.test(inside) ? { kind: "matcher" } : { kind: "nothing" };
}

export function logqlCompletion(names: LogqlNames): CompletionSource {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const place = placeIn(context.state.sliceDoc(0, context.pos));
    switch (place.kind) {
      case "label": {
        const labels = await names.labels();
        return from(
          context,
          place.typed,
          labels.map((label) => ({ label, detail: "label", apply: applyLabel })),
        );
      }
      case "value": {
        const values = await names.values(place.label, place.selector);
        return from(
          context,
          place.typed,
          values.map((value) => ({ label: value, apply: applyValue })),
        );
      }
      case "matcher":
        return from(
          context,
          "",
          ["=", "!=", "=~", "!~"].map((label) => ({ label, apply: `${label}"` })),
        );
      case "pipeline":
        if (!context.explicit && !/\s$/.test(context.state.sliceDoc(0, context.pos))) return null;
        return from(context, "", [
          ...LINE_FILTERS.map(({ word, info }) => ({ label: word, detail: info, apply: applyFilter })),
          ...LOGQL_STAGES.map(({ word, info }) => ({ label: `| ${word}`, detail: info })),
        ]);
      case "stage":
        return from(
          context,
          place.typed,
          LOGQL_STAGES.map(({ word, info }) => ({ label: word, detail: info })),
        );
      case "start": {
        if (place.typed === "" && !context.explicit) return null;
        return from(context, place.typed, [
          { label: "{", detail: "stream selector", boost: 5 },
          ...[...LOGQL_AGGREGATIONS, ...LOGQL_FUNCTIONS].map(({ word, info }) => ({
            label: word,
            detail: info,
          })),
          ...LOGQL_KEYWORDS.map((label) => ({ label, boost: -5 })),
        ]);
      }
      default:
        return null;
    }
  };
}

function from(
  context: CompletionContext,
  typed: string,
  options: readonly Completion[],
): CompletionResult | null {
  return options.length === 0 ? null : { from: context.pos - typed.length, options, validFor: /^[\w./:-]*$/ };
}

function applyLabel(view: EditorView, completion: Completion, start: number, end: number): void {
  // The bracket closer has put nothing after a label yet, so the quotes are ours to add.
  const hasOperator = /^\s*[=!]/.test(view.state.sliceDoc(end, end + 4));
  const insert = hasOperator ? completion.label : `${completion.label}=""`;
  const anchor = start + insert.length - (hasOperator ? 0 : 1);
  view.dispatch({ changes: { from: start, to: end, insert }, selection: { anchor } });
}

function applyValue(view: EditorView, completion: Completion, start: number, end: number): void {
  const insert = JSON.stringify(completion.label).slice(1, -1);
  const closes = view.state.sliceDoc(end, end + 1) === '"';
  view.dispatch({
    changes: { from: start, to: end, insert: closes ? insert : `${insert}"` },
    selection: { anchor: start + insert.length + 1 },
  });
}

function applyFilter(view: EditorView, completion: Completion, start: number, end: number): void {
  view.dispatch({
    changes: { from: start, to: end, insert: completion.label },
    selection: { anchor: start + completion.label.length - 1 },
  });
}
