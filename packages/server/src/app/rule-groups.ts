/** Narrows rule groups by what a request asks for, and cuts them into pages. */
import { createHash } from "node:crypto";
import type * as api from "@binnacle/api";
import { BinnacleError } from "@binnacle/model";
import { compileMatcher } from "@binnacle/re2";
import { readFlag, readWhole } from "./params.ts";
import { readSelector } from "./selectors.ts";

type RuleParams = api.ParamsOf<typeof api.rules>;
type RuleGroups = api.AnswerOf<typeof api.rules>["data"];

/** Throws BAD_PARAMETER. */
export function narrowRuleGroups(
  groups: readonly api.RuleGroup[],
  params: RuleParams,
  features: ReadonlySet<string>,
): RuleGroups {
  const type = readType(params.type);
  const { "rule_name[]": names, "rule_group[]": groupNames, "file[]": files } = params;
  const failure = "error converting exclude_alerts";
  const withoutAlerts = readFlag("exclude_alerts", params.exclude_alerts, false, failure);
  const selectors = (params["match[]"] ?? []).map((text) =>
    readSelector("match[]", text, features).map(compileMatcher),
  );
  const isMatched = ({ labels = {} }: api.RuleGroup["rules"][number]): boolean =>
    selectors.length === 0 ||
    selectors.some((all) => all.every((it) => it.test(labels[it.matcher.name] ?? "")));
  const isNarrowed = type !== undefined || names !== undefined || selectors.length > 0;
  const page = takePage(groups, params);
  const narrowed: api.RuleGroup[] = [];
  for (const group of page.groups) {
    if (groupNames !== undefined && !groupNames.includes(group.name)) continue;
    if (files !== undefined && !files.includes(group.file)) continue;
    const rules = group.rules
      .filter((rule) => type === undefined || rule.type === type)
      .filter((rule) => names === undefined || names.includes(rule.name))
      .filter(isMatched)
      .map((rule) =>
        rule.type === "alerting" && withoutAlerts ? Object.assign({}, rule, { alerts: [] }) : rule,
      );
    if (rules.length > 0 || !isNarrowed) narrowed.push({ ...group, rules });
  }
  return { ...page, groups: narrowed };
}

function readType(text: string | undefined): "alerting" | "recording" | undefined {
  const type = text?.toLowerCase() ?? "";
  if (type === "") return undefined;
  if (type === "alert") return "alerting";
  if (type === "record") return "recording";
  const reason = `not supported value ${JSON.stringify(text)}`;
  throw new BinnacleError("BAD_PARAMETER", `invalid parameter "type": ${reason}`);
}

/**
 * As many groups as are asked for, from the one that a token names on; with the token of the one behind them.
 */
function takePage(groups: readonly api.RuleGroup[], params: RuleParams): RuleGroups {
  const { group_limit: limitText, group_next_token: token } = params;
  if (limitText === undefined || limitText === "") {
    if (token === undefined || token === "") return { groups: [...groups] };
    throw new BinnacleError(
      "BAD_PARAMETER",
      'invalid parameter "group_next_token": group_limit needs to be present in order to paginate over the groups',
    );
  }
  const limit = readWhole(limitText);
  if (limit === undefined || limit < 1) {
    const syntax = `a valid number: strconv.ParseInt: parsing ${JSON.stringify(limitText)}: invalid syntax`;
    const reason = `group_limit needs to be ${limit === undefined ? syntax : "greater than 0"}`;
    throw new BinnacleError("BAD_PARAMETER", `invalid parameter "group_limit": ${reason}`);
  }
  const from = token === undefined || token === "" ? 0 : groups.findIndex((it) => tokenOf(it) === token);
  if (from < 0) {
    throw new BinnacleError(
      "BAD_PARAMETER",
      `invalid parameter "group_next_token": invalid group_next_token '${token}'. were rule groups changed?`,
    );
  }
  const next = groups[from + limit];
  const page = groups.slice(from, from + limit);
  return next === undefined ? { groups: page } : { groups: page, groupNextToken: tokenOf(next) };
}

function tokenOf({ file, name }: api.RuleGroup): string {
  return createHash("sha256").update(`${file};${name}`).digest("hex");
}
