/** What bounds rules and notifications. Each limit has its unit and what happens past it. */

/**
 * Default of a group's `interval` where neither the group nor `global.evaluation_interval` names one, in ms.
 */
export const EVALUATION_INTERVAL_MS = 60_000;
/** How often a firing alert is told of again, in ms. It stays firing for four times this without news. */
export const RESEND_DELAY_MS = 60_000;
/** How long a resolved alert is kept and told of, in ms. */
export const RESOLVED_RETENTION_MS = 15 * 60_000;
/** How long a program may have been down for `for` to go on where it stood, in ms. */
export const FOR_OUTAGE_TOLERANCE_MS = 60 * 60_000;
/** Least time between a restart and a restored alert's firing, in ms. A shorter `for` starts anew. */
export const FOR_GRACE_PERIOD_MS = 10 * 60_000;
/**
 * Bytes of one label or annotation that a template writes. Past it the value is an error text that says so.
 */
export const TEMPLATE_OUTPUT_BYTES_MAX = 64 * 1024;
/** Steps of one template. Past it the value is an error text that says so. */
export const TEMPLATE_STEPS_MAX = 100_000;

/** How deep routes may nest. Past it the configuration is refused. */
export const ROUTE_DEPTH_MAX = 32;
/**
 * Alerts the notifier holds at once. Past it a new alert is dropped and counted with reason `alert_limit`.
 */
export const ALERTS_MAX = 100_000;
/**
 * Groups of alerts the notifier holds at once. Past it an alert's group is not made: reason `group_limit`.
 */
export const ALERT_GROUPS_MAX = 20_000;
/** How long an alert without an end stays firing after it was last heard of, in ms. */
export const RESOLVE_TIMEOUT_MS = 5 * 60_000;
/** Least time a group's notification may take, retries included, in ms, however short its group_interval. */
export const NOTIFY_TIMEOUT_MIN_MS = 10_000;
/**
 * How long an alert that fired when the process stopped stays firing after a start, in ms: rules need time to
 * speak.
 */
export const RESTART_GRACE_MS = 4 * RESEND_DELAY_MS;
/** How long requests under way may go on when the notifier is stopped, in ms. Then they are broken off. */
export const STOP_GRACE_MS = 2000;
/** How often resolved alerts and expired entries of the log are cleared away, in ms. */
export const MAINTENANCE_INTERVAL_MS = 5 * 60_000;
/**
 * Least time a group's entry in the notification log is kept, in ms: twice its repeat_interval, and at least
 * this.
 */
export const LOG_RETENTION_MIN_MS = 60 * 60_000;

/** Wait before the first retry of a receiver, in ms; it grows by half each time, with some chance. */
export const RETRY_INITIAL_MS = 500;
/**
 * Longest wait between two retries, in ms. A longer Retry-After is shortened to what the notification has
 * left.
 */
export const RETRY_INTERVAL_MAX_MS = 60_000;
/** Bytes read of a receiver's answer, for the error's text. The rest is not read. */
export const RESPONSE_BYTES_MAX = 4096;

/** Alerts that wait to be sent to one Alertmanager. Past it the oldest are dropped: reason `queue_full`. */
export const ALERTMANAGER_QUEUE_MAX = 10_000;
/** Alerts in one request to an Alertmanager. */
export const ALERTMANAGER_BATCH_MAX = 256;
/**
 * Default of an Alertmanager's `timeout`, in ms. A request past it has failed, and its alerts are dropped.
 */
export const ALERTMANAGER_TIMEOUT_MS = 10_000;
