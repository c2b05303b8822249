/** Rule files, as Prometheus reads them. */
import { durationMs, loadYaml } from "@binnacle/config";
import { BinnacleError, Labels, METRIC_NAME } from "@binnacle/model";
import { z } from "zod";
import { parseRuleTemplate } from "../rules/rule-template.ts";

export interface RecordingRuleConfig {
  readonly type: "recording";
  readonly name: string;
  readonly expression: string;
  /** The group's and the rule's own, of which the rule's win. */
  readonly labels: Labels;
}

export interface AlertingRuleConfig {
  readonly type: "alerting";
  readonly name: string;
  readonly expression: string;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  /** Templates, the group's among them. */
  readonly labels: Labels;
  /** Templates. */
  readonly annotations: Labels;
}

export type RuleConfig = RecordingRuleConfig | AlertingRuleConfig;

export interface RuleGroupConfig {
  /** The file as it was named. */
  readonly file: string;
  readonly name: string;
  /** undefined: the global evaluation interval. */
  readonly intervalMs: number | undefined;
  /** Most series or alerts a rule may give; 0 for any number. */
  readonly limit: number;
  /** undefined: the global query offset. */
  readonly queryOffsetMs: number | undefined;
  readonly rules: readonly RuleConfig[];
}

export interface RuleFileOptions {
  /** How mistakes, and the groups' `file`, name the file. */
  readonly file: string;
  /** Throws BinnacleError where the text is no expression that a rule may have. */
  readonly checkExpression: (expression: string) => void;
}

/**
 * Throws ConfigError with every mistake of the file: file, line, column, what was found, what was expected.
 */
export function loadRuleFile(text: string, options: RuleFileOptions): readonly RuleGroupConfig[] {
  return loadYaml(ruleFileSchema(options), text, { file: options.file });
}

const text = z.string();
const texts = z.record(z.string(), z.string());
/** A label's name, and what it may be called in a rule: all but the metric's name. */
const labelTexts = texts.superRefine((labels, context) => {
  for (const name of Object.keys(labels)) {
    const isValid = name !== "" && name !== METRIC_NAME && name.isWellFormed();
    if (!isValid) context.addIssue({ code: "custom", message: "a label name", path: [name], input: name });
  }
});

const rule = z.strictObject({
  record: text.optional(),
  alert: text.optional(),
  expr: text,
  for: durationMs.optional(),
  keep_firing_for: durationMs.optional(),
  labels: labelTexts.optional(),
  annotations: texts.optional(),
});
type RawRule = z.output<typeof rule>;

/** So that a rule's other mistakes are named as well where one of its keys is mistaken. */
const EVEN_WITH_MISTAKES = { when: ({ value }: { value: unknown }) => typeof value === "object" };

function ruleFileSchema(options: RuleFileOptions): z.ZodType<readonly RuleGroupConfig[]> {
  const expression = text.superRefine((expr, context) => {
    const complaint = complaintOf(() => options.checkExpression(expr));
    if (complaint === undefined) return;
    context.addIssue({ code: "custom", message: `a PromQL expression (${complaint})`, input: expr });
  });
  const checkedRule = rule.extend({ expr: expression }).superRefine(checkRule, EVEN_WITH_MISTAKES);
  const group = z
    .strictObject({
      name: text.min(1, { error: "a name that is not empty" }),
      interval: durationMs.optional(),
      limit: z.int().min(0).default(0),
      query_offset: durationMs.optional(),
      labels: labelTexts.optional(),
      rules: z.array(checkedRule).default([]),
    })
    .transform((raw): RuleGroupConfig => ({
      file: options.file,
      name: raw.name,
      // An interval of 0 means the global one, as in Prometheus.
      intervalMs: raw.interval === 0 ? undefined : raw.interval,
      limit: raw.limit,
      queryOffsetMs: raw.query_offset,
      rules: raw.rules.map((rawRule) => toRule(rawRule, raw.labels ?? {})),
    }));
  return z
    .strictObject({ groups: z.array(group).default([]) })
    .superRefine(({ groups }, context) => {
      const names = new Set<string>();
      groups.forEach(({ name }, i) => {
        if (names.has(name)) {
          context.addIssue({
            code: "custom",
            message: "a name that no other group of the file has",
            path: ["groups", i, "name"],
            input: name,
          });
        }
        names.add(name);
      });
    })
    .transform(({ groups }) => groups);
}

/** Keys may be mistaken: they are undefined then, or of a wrong type. */
function checkRule(raw: Partial<RawRule>, context: z.RefinementCtx): void {
  const complain = (path: string[], message: string, input: unknown): void => {
    context.addIssue({ code: "custom", message, path, input });
  };
  const { record, alert } = raw;
  if ((record === undefined) === (alert === undefined)) {
    complain(alert === undefined ? [] : ["alert"], "a rule with one of `record` and `alert`", raw);
  }
  if (alert === "") complain(["alert"], "a name that is not empty", alert);
  if (alert !== undefined) checkTemplates(raw, complain);
  if (record === undefined) return;
  if (record === "" || !record.isWellFormed() || /[{}]/.test(record)) {
    complain(["record"], "a metric name", record);
  }
  for (const key of ["for", "keep_firing_for", "annotations"] as const) {
    if (raw[key] !== undefined) complain([key], "no such key in a recording rule", raw[key]);
  }
}

function checkTemplates(
  raw: Partial<RawRule>,
  complain: (path: string[], message: string, input: unknown) => void,
): void {
  for (const key of ["labels", "annotations"] as const) {
    for (const [name, template] of Object.entries(raw[key] ?? {})) {
      if (typeof template !== "string") continue;
      const complaint = complaintOf(() => parseRuleTemplate(template, { name }));
      if (complaint !== undefined) complain([key, name], `a template (${complaint})`, template);
    }
  }
}

/** What a check says of bad input; undefined where it says nothing. */
function complaintOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof BinnacleError) return error.message;
    throw error;
  }
}

function toRule(raw: RawRule, groupLabels: Readonly<Record<string, string>>): RuleConfig {
  const labels = Labels.fromObject({ ...groupLabels, ...raw.labels });
  const expression = raw.expr.trim();
  if (raw.record !== undefined) return { type: "recording", name: raw.record, expression, labels };
  return {
    type: "alerting",
    name: raw.alert ?? "",
    expression,
    forMs: raw.for ?? 0,
    keepFiringForMs: raw.keep_firing_for ?? 0,
    labels,
    annotations: Labels.fromObject(raw.annotations ?? {}),
  };
}
