/** One entry of `relabel_configs` or `metric_relabel_configs`, as Prometheus writes and checks it. */
import { regexp } from "@binnacle/config";
import { Regexp } from "@binnacle/re2";
import { z } from "zod";

export const RELABEL_ACTIONS = [
  "replace",
  "keep",
  "drop",
  "keepequal",
  "dropequal",
  "hashmod",
  "labelmap",
  "labeldrop",
  "labelkeep",
  "lowercase",
  "uppercase",
] as const;

export type RelabelAction = (typeof RELABEL_ACTIONS)[number];

export interface RelabelConfig {
  readonly action: RelabelAction;
  readonly sourceLabels: readonly string[];
  readonly separator: string;
  readonly targetLabel: string;
  /** Anchored at both ends. */
  readonly regex: Regexp;
  /** 0 = not given. */
  readonly modulus: number;
  readonly replacement: string;
}

const REGEX_OPTIONS = { anchored: true, dotAll: true };
const REGEX_DEFAULT = Regexp.compile("(.*)", REGEX_OPTIONS);

const written = z.strictObject({
  source_labels: z.array(z.string()).optional(),
  separator: z.string().optional(),
  target_label: z.string().optional(),
  regex: regexp(REGEX_OPTIONS).optional(),
  modulus: z.int().min(0).optional(),
  replacement: z.string().optional(),
  action: z
    .string()
    .transform((text) => text.toLowerCase())
    .pipe(z.enum(RELABEL_ACTIONS))
    .optional(),
});

type Field = keyof z.infer<typeof written>;

const NEEDS_TARGET: ReadonlySet<RelabelAction> = new Set([
  "replace",
  "hashmod",
  "lowercase",
  "uppercase",
  "keepequal",
  "dropequal",
]);

/** Actions that refuse fields which would have no meaning for them. */
const ALLOWED: Partial<Record<RelabelAction, readonly Field[]>> = {
  labeldrop: ["action", "regex"],
  labelkeep: ["action", "regex"],
  keepequal: ["action", "source_labels", "target_label"],
  dropequal: ["action", "source_labels", "target_label"],
};

export const relabelConfigSchema = written.transform((given, context): RelabelConfig => {
  const action = given.action ?? "replace";
  const complain = (message: string, field: Field): void => {
    context.addIssue({ code: "custom", message, path: [field], input: given[field] });
  };
  if (NEEDS_TARGET.has(action) && (given.target_label ?? "") === "") {
    complain(`a target_label, which the action ${action} needs`, "target_label");
  }
  if (action === "hashmod" && (given.modulus ?? 0) === 0) {
    complain("a modulus over 0, which the action hashmod needs", "modulus");
  }
  const allowed = ALLOWED[action];
  if (allowed !== undefined) {
    for (const field of Object.keys(given) as Field[]) {
      if (given[field] !== undefined && !allowed.includes(field)) {
        complain(`only ${allowed.slice(1).join(" and ")} with the action ${action}`, field);
      }
    }
  }
  if ((action === "lowercase" || action === "uppercase") && given.replacement !== undefined) {
    complain(`no replacement with the action ${action}`, "replacement");
  }
  return {
    action,
    sourceLabels: given.source_labels ?? [],
    separator: given.separator ?? ";",
    targetLabel: given.target_label ?? "",
    regex: given.regex ?? REGEX_DEFAULT,
    modulus: given.modulus ?? 0,
    replacement: given.replacement ?? "$1",
  };
});
