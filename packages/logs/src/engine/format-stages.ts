/**
 * Stages that rewrite a line or its labels: line_format, label_format, decolorize, drop, keep, unpack's kin.
 */
import { fn, Template, timeValue, type FunctionTable } from "@binnacle/gotemplate";
import { BinnacleError } from "@binnacle/model";
import { compileMatcher } from "@binnacle/re2";
import type { LabelFormatStage, SelectLabelsStage } from "../parser/ast.ts";
import { ERROR_DETAILS_LABEL, ERROR_LABEL } from "./line-labels.ts";
import type { Line } from "./line.ts";
import type { LineStage } from "./stage.ts";
import { LINE_FUNCTIONS } from "./template-functions.ts";

interface LineTemplate {
  /** Undefined when it fails on this line: the line then has a TemplateFormatErr. */
  execute(line: Line, labels: ReadonlyMap<string, string>): string | undefined;
}

/** Throws BAD_TEMPLATE. */
function compileTemplate(text: string): LineTemplate {
  let current: Line | undefined;
  const functions: FunctionTable = {
    ...LINE_FUNCTIONS,
    __line__: fn([], () => current!.text),
    __timestamp__: fn([], () => timeValue(current!.timeNs)),
    now: fn([], () => timeValue(BigInt(Date.now()) * 1_000_000n)),
  };
  const template = Template.parse(text, { functions, missingKey: "empty" });
  return {
    execute(line, labels) {
      current = line;
      try {
        return template.execute(labels);
      } catch (error) {
        if (!(error instanceof BinnacleError)) throw error;
        line.labels.setError("TemplateFormatErr", error.message);
        return undefined;
      }
    },
  };
}

export function compileLineFormat(text: string): LineStage {
  const template = compileTemplate(text);
  return (line) => {
    const formatted = template.execute(line, line.labels.toMap());
    if (formatted !== undefined) line.text = formatted;
    return true;
  };
}

/** Templates of one stage all see the labels as the first of them found them. */
export function compileLabelFormat(stage: LabelFormatStage): LineStage {
  const steps = stage.assignments.map((assignment) =>
    assignment.kind === "rename"
      ? assignment
      : { ...assignment, template: compileTemplate(assignment.template) },
  );
  return (line) => {
    const { labels } = line;
    let seen: ReadonlyMap<string, string> | undefined;
    for (const step of steps) {
      if (step.kind === "rename") {
        const value = labels.get(step.source);
        if (value === undefined) continue;
        labels.set(step.name, value);
        labels.delete(step.source);
      } else {
        seen ??= labels.toMap();
        const value = step.template.execute(line, seen);
        if (value !== undefined) labels.set(step.name, value);
      }
    }
    return true;
  };
}

/**
 * A terminal's sequences: an escape character, what introduces it, and then either text up to a bell (a
 * title, a link) or numbers and the letter that says what they do.
 */
const SEQUENCE =
  // oxlint-disable-next-line no-control-regex -- the escape character is what begins a colour.
  /[\u001b\u009b][[\]()#;?]*(?:[a-zA-Z\d;]*\u0007|(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PRZcf-ntqry=><~])/g;

export function decolorize(line: Line): boolean {
  const { text } = line;
  if (text.includes("\u001b") || text.includes("\u009b")) line.text = text.replaceAll(SEQUENCE, "");
  return true;
}

export function compileSelectLabels(stage: SelectLabelsStage): LineStage {
  const items = stage.items.map(({ name, matcher }) => ({
    name,
    predicate: matcher === undefined ? undefined : compileMatcher(matcher),
  }));
  const isNamed = (name: string, value: string): boolean =>
    items.some((item) => item.name === name && (item.predicate === undefined || item.predicate.test(value)));
  if (stage.kind === "keep") {
    return ({ labels }) => {
      for (const name of labels.names) if (!isNamed(name, labels.get(name)!)) labels.delete(name);
      return true;
    };
  }
  return ({ labels }) => {
    for (const { name, predicate } of items) {
      const value = labels.get(name);
      if (value !== undefined && (predicate === undefined || predicate.test(value))) labels.delete(name);
      if (name === ERROR_LABEL) labels.delete(ERROR_DETAILS_LABEL);
    }
    return true;
  };
}
