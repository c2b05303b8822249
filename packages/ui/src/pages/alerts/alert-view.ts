/** Rules as the page filters and counts them. */
import type { AlertingRule, RecordingRule, RuleGroup } from "@binnacle/api";

export type RuleState = "firing" | "pending" | "inactive" | "recording" | "broken";

export const RULE_STATES: readonly RuleState[] = ["firing", "pending", "inactive", "recording", "broken"];

export type Rule = AlertingRule | RecordingRule;

/** A rule that cannot be evaluated is broken, whatever state it was in before. */
export function stateOf(rule: Rule): RuleState {
  if (rule.health === "err") return "broken";
  if (rule.type === "recording") return "recording";
  return rule.state === "unknown" ? "inactive" : rule.state;
}

export function countStates(groups: readonly RuleGroup[]): Readonly<Record<RuleState, number>> {
  const counts = { firing: 0, pending: 0, inactive: 0, recording: 0, broken: 0 };
  for (const group of groups) for (const rule of group.rules) counts[stateOf(rule)]++;
  return counts;
}

export interface RuleFilter {
  /** None chosen means all. */
  readonly states: ReadonlySet<RuleState>;
  readonly text: string;
}

/** Groups with the rules that pass, what fires first; groups of which none does are left out. */
export function filterGroups(groups: readonly RuleGroup[], filter: RuleFilter): readonly RuleGroup[] {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return groups
    .map((group) => ({
      ...group,
      rules: group.rules.filter((rule) => passes(group, rule, filter.states, words)),
    }))
    .filter(({ rules }) => rules.length > 0)
    .toSorted((a, b) => urgency(a) - urgency(b));
}

/** The gravest state in a group; the order of groups of one urgency stays the files'. */
function urgency({ rules }: RuleGroup): number {
  const states = new Set(rules.map(stateOf));
  if (states.has("firing") || states.has("broken")) return 0;
  return states.has("pending") ? 1 : 2;
}

function passes(
  group: RuleGroup,
  rule: Rule,
  states: ReadonlySet<RuleState>,
  words: readonly string[],
): boolean {
  if (states.size > 0 && !states.has(stateOf(rule))) return false;
  if (words.length === 0) return true;
  const searched = [group.name, group.file, rule.name, rule.query, ...pairs(rule.labels ?? {})];
  if (rule.type === "alerting") for (const alert of rule.alerts) searched.push(...pairs(alert.labels));
  const text = searched.join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}

function pairs(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`);
}
