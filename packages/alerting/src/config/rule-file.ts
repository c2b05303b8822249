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

/** Throws ConfigError with every mistake of the file: file, line, column, what was found, what was expected. */
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

function ruleFileSchema(options: RuleFileOptions): z.ZodType<readonly RuleGroupConfig[]> {
  const checkedRule = rule.superRefine((raw, context) => {
    checkKind(raw, context);
    checkParsed(() => options.checkExpression(raw.expr), "a PromQL expression", ["expr"], raw.expr, context);
    if (raw.alert === undefined) return;
    for (const key of ["labels", "annotations"] as const) {
      for (const [name, template] of Object.entries(raw[key] ?? {})) {
        const parse = () => parseRuleTemplate(template, { name });
        checkParsed(parse, "a template", [key, name], template, context);
      }
    }
  });
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

function checkKind(raw: RawRule, context: z.RefinementCtx<RawRule>): void {
  const complain = (path: string, message: string, input: unknown): void => {
    context.addIssue({ code: "custom", message, path: [path], input });
  };
  if ((raw.record === undefined) === (raw.alert === undefined)) {
    const message = "a rule with one of `record` and `alert`";
    context.addIssue({ code: "custom", message, path: raw.alert === undefined ? [] : ["alert"], input: raw });
  }
  if (raw.alert === "") complain("alert", "a name that is not empty", raw.alert);
  if (raw.record === undefined) return;
  if (raw.record === "" || !raw.record.isWellFormed() || /[{}]/.test(raw.record)) {
    complain("record", "a metric name", raw.record);
  }
  for (const key of ["for", "keep_firing_for", "annotations"] as const) {
    if (raw[key] !== undefined) complain(key, "no such key in a recording rule", raw[key]);
  }
}

function checkParsed(
  parse: () => unknown,
  what: string,
  path: string[],
  input: string,
  context: z.RefinementCtx<RawRule>,
): void {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof BinnacleError)) throw error;
    context.addIssue({ code: "custom", message: `${what} (${error.message})`, path, input });
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
