/**
 * Who is told of which alerts: `route` and `receivers` in the words of alertmanager.yml, under
 * `binnacle.notifications`.
 */
import { durationMs, secret } from "@binnacle/config";
import { BinnacleError, type Matcher } from "@binnacle/model";
import { z } from "zod";
import { ROUTE_DEPTH_MAX } from "../limits.ts";
import { httpAuthFields } from "./http-auth.ts";
import { parseMatchers } from "./matcher-text.ts";

const httpConfig = z.strictObject(httpAuthFields);

const webhookConfig = z
  .strictObject({
    /** A secret: what it holds is often all that is needed to post. */
    url: secret,
    send_resolved: z.boolean().default(true),
    /** Most alerts in one message; 0 for all. */
    max_alerts: z.int().min(0).default(0),
    /** Longest time for one request; 0: as long as the notification may take. */
    timeout: durationMs.default(0),
    http_config: httpConfig.prefault({}),
  })
  .superRefine(({ url }, context) => {
    const parsed = URL.parse(url.reveal());
    if (parsed !== null && (parsed.protocol === "http:" || parsed.protocol === "https:")) return;
    const message = "a URL that begins http:// or https://";
    context.addIssue({ code: "custom", message, path: ["url"], input: url.toString() });
  });

const logConfig = z.strictObject({ send_resolved: z.boolean().default(true) });

const receiver = z.strictObject({
  name: z.string().min(1),
  webhook_configs: z.array(webhookConfig).default([]),
  log_configs: z.array(logConfig).default([]),
});

export type WebhookConfig = z.output<typeof webhookConfig>;
export type LogConfig = z.output<typeof logConfig>;
export type ReceiverConfig = z.output<typeof receiver>;

/** A route as written; what is undefined it has of the route above it. */
export interface RouteConfig {
  readonly receiver: string | undefined;
  /** `...` stands for all labels; an empty list overrides the one above. */
  readonly group_by: readonly string[] | undefined;
  readonly continue: boolean;
  /** All must match. */
  readonly matchers: readonly Matcher[];
  readonly group_wait: number | undefined;
  readonly group_interval: number | undefined;
  readonly repeat_interval: number | undefined;
  readonly routes: readonly RouteConfig[];
}

const matcherText = z.string().transform((text, context): readonly Matcher[] => {
  try {
    return parseMatchers(text);
  } catch (error) {
    if (!(error instanceof BinnacleError)) throw error;
    context.addIssue({
      code: "custom",
      message: `a matcher such as job="api" (${error.message})`,
      input: text,
    });
    return z.NEVER;
  }
});

const positive = durationMs.refine((ms) => ms > 0, { error: "a duration over 0" });

const route: z.ZodType<RouteConfig> = z.lazy(() =>
  z
    .strictObject({
      receiver: z.string().optional(),
      group_by: z.array(z.string().min(1)).optional(),
      continue: z.boolean().default(false),
      matchers: z.array(matcherText).default([]),
      /** The older forms of matchers. */
      match: z.record(z.string().min(1), z.string()).default({}),
      match_re: z.record(z.string().min(1), z.string()).default({}),
      group_wait: durationMs.optional(),
      group_interval: positive.optional(),
      repeat_interval: positive.optional(),
      routes: z.array(route).default([]),
    })
    .superRefine(({ group_by: names }, context) => {
      if (names === undefined || new Set(names).size === names.length) return;
      context.addIssue({ code: "custom", message: "each label once", path: ["group_by"], input: names });
    })
    .transform((raw): RouteConfig => ({
      receiver: raw.receiver,
      group_by: raw.group_by,
      continue: raw.continue,
      matchers: [
        ...raw.matchers.flat(),
        ...Object.entries(raw.match).map(([name, value]): Matcher => ({ name, op: "=", value })),
        ...Object.entries(raw.match_re).map(([name, value]): Matcher => ({ name, op: "=~", value })),
      ],
      group_wait: raw.group_wait,
      group_interval: raw.group_interval,
      repeat_interval: raw.repeat_interval,
      routes: raw.routes,
    })),
);

export interface NotificationsConfig {
  readonly route: RouteConfig;
  readonly receivers: readonly ReceiverConfig[];
}

/** Where nothing is configured, notifications are written to the log. */
export const NOTIFICATIONS_DEFAULT: NotificationsConfig = {
  route: {
    receiver: "log",
    group_by: ["alertname"],
    continue: false,
    matchers: [],
    group_wait: undefined,
    group_interval: undefined,
    repeat_interval: undefined,
    routes: [],
  },
  receivers: [{ name: "log", webhook_configs: [], log_configs: [{ send_resolved: true }] }],
};

/** The section `notifications`. Use with `.default(NOTIFICATIONS_DEFAULT)`. */
export const notificationsSchema: z.ZodType<NotificationsConfig> = z
  .strictObject({ route, receivers: z.array(receiver).min(1) })
  .superRefine((value, context) => {
    const complain: Complain = (path, message, input) => {
      context.addIssue({ code: "custom", message, path: [...path], input });
    };
    const names = new Set<string>();
    value.receivers.forEach(({ name }, i) => {
      if (names.has(name)) complain(["receivers", i, "name"], "a name that no other receiver has", name);
      names.add(name);
    });
    const root = value.route;
    if (root.receiver === undefined) complain(["route"], "a receiver in the topmost route", root);
    if (root.matchers.length > 0) {
      complain(["route"], "no matchers in the topmost route, which takes all alerts", root);
    }
    checkRoute(root, names, ["route"], complain);
  });

type Complain = (path: readonly (string | number)[], message: string, input: unknown) => void;

function checkRoute(
  config: RouteConfig,
  receivers: ReadonlySet<string>,
  path: readonly (string | number)[],
  complain: Complain,
): void {
  if (config.receiver !== undefined && !receivers.has(config.receiver)) {
    complain([...path, "receiver"], "the name of one of the receivers", config.receiver);
  }
  if (path.length > 2 * ROUTE_DEPTH_MAX) {
    complain(path, `at most ${ROUTE_DEPTH_MAX} levels of routes (ROUTE_DEPTH_MAX)`, config.receiver);
    return;
  }
  config.routes.forEach((child, i) => checkRoute(child, receivers, [...path, "routes", i], complain));
}
