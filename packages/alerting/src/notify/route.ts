/** The routing tree: which receivers an alert goes to, and how it is grouped there. */
import { formatMatcher, type Labels, type Matcher } from "@binnacle/model";
import { compileMatcher } from "@binnacle/re2";
import type { RouteConfig } from "../config/notifications.ts";

/** How a route groups and times its notifications. Times in ms. */
export interface RouteOptions {
  readonly receiver: string;
  /** Labels that alerts of a group share; "all" for every label. */
  readonly groupBy: ReadonlySet<string> | "all";
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
}

const DEFAULTS: RouteOptions = {
  receiver: "",
  groupBy: new Set(),
  groupWaitMs: 30_000,
  groupIntervalMs: 5 * 60_000,
  repeatIntervalMs: 4 * 60 * 60_000,
};

export class Route {
  readonly options: RouteOptions;
  /** Stands before a group's labels in its key: the matchers on the way from the root. */
  readonly key: string;
  readonly #continues: boolean;
  readonly #predicates: readonly ((labels: Labels) => boolean)[];
  readonly #children: readonly Route[];

  private constructor(config: RouteConfig, above: RouteOptions, keyAbove: string | undefined) {
    this.options = inherit(config, above);
    const own = `{${config.matchers.map(formatMatcher).join(",")}}`;
    this.key = keyAbove === undefined ? own : `${keyAbove}/${own}`;
    this.#continues = config.continue;
    this.#predicates = config.matchers.map(labelPredicate);
    this.#children = config.routes.map((child) => new Route(child, this.options, this.key));
  }

  static fromConfig(config: RouteConfig): Route {
    return new Route(config, DEFAULTS, undefined);
  }

  /**
   * The routes an alert takes: of the children the first that matches, and more while they `continue`; else
   * this.
   */
  match(labels: Labels): readonly Route[] {
    if (!this.#predicates.every((predicate) => predicate(labels))) return [];
    const routes: Route[] = [];
    for (const child of this.#children) {
      const found = child.match(labels);
      routes.push(...found);
      if (found.length > 0 && !child.#continues) break;
    }
    return routes.length > 0 ? routes : [this];
  }

  /** The labels that name an alert's group. */
  groupLabels(labels: Labels): Labels {
    const { groupBy } = this.options;
    return groupBy === "all" ? labels : labels.only(groupBy);
  }
}

/**
 * Identifies a group to its receivers: `{}/{severity="page"}:{alertname="Down"}`, as Alertmanager writes it.
 */
export function groupKey(route: Route, groupLabels: Labels): string {
  const pairs = [...groupLabels.entries()].map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${route.key}:{${pairs.join(", ")}}`;
}

function inherit(config: RouteConfig, above: RouteOptions): RouteOptions {
  return {
    receiver: config.receiver ?? above.receiver,
    groupBy: config.group_by === undefined ? above.groupBy : toGroupBy(config.group_by),
    groupWaitMs: config.group_wait ?? above.groupWaitMs,
    groupIntervalMs: config.group_interval ?? above.groupIntervalMs,
    repeatIntervalMs: config.repeat_interval ?? above.repeatIntervalMs,
  };
}

function toGroupBy(names: readonly string[]): ReadonlySet<string> | "all" {
  return names.includes("...") ? "all" : new Set(names);
}

function labelPredicate(matcher: Matcher): (labels: Labels) => boolean {
  const predicate = compileMatcher(matcher);
  return (labels) => predicate.test(labels.get(matcher.name));
}
