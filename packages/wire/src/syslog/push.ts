/** Messages of syslog as lines of streams. */
import { Labels, type LineMetadata } from "@binnacle/model";
import { PushErrors, type LogPush } from "../loki/push.ts";
import { StreamGatherer } from "../loki/stream-gatherer.ts";
import type { SyslogMessage } from "./message.ts";

const SEVERITIES = ["emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"];
const FACILITIES = [
  "kern",
  "user",
  "mail",
  "daemon",
  "auth",
  "syslog",
  "lpr",
  "news",
  "uucp",
  "cron",
  "authpriv",
  "ftp",
  "ntp",
  "security",
  "console",
  "solaris-cron",
  ...Array.from({ length: 8 }, (_, i) => `local${i}`),
];

export interface TimedSyslog {
  readonly message: SyslogMessage;
  readonly timeNs: bigint;
}

/**
 * A stream is a host, a program and a facility; the rest is structured metadata, the severity too, from which
 * a line's level is derived.
 */
export function syslogPush(messages: readonly TimedSyslog[], labels: Labels): LogPush {
  const gatherer = new StreamGatherer();
  const streams = new Map<string, Labels>();
  for (const { message, timeNs } of messages) {
    const { hostname = "", appName = "", facility } = message;
    const key = `${facility} ${hostname} ${appName}`;
    let stream = streams.get(key);
    if (stream === undefined) {
      const own = { hostname, app_name: appName, facility: FACILITIES[facility]! };
      streams.set(key, (stream = Labels.from([...Object.entries(own), ...labels.entries()])));
    }
    gatherer.add(stream, timeNs, message.text, metadataOf(message));
  }
  return gatherer.toPush(new PushErrors());
}

function metadataOf({ severity, processId, messageId, structuredData }: SyslogMessage): LineMetadata {
  const pairs = ["severity", SEVERITIES[severity]!];
  if (processId !== undefined && processId !== "") pairs.push("proc_id", processId);
  if (messageId !== undefined) pairs.push("msg_id", messageId);
  pairs.push(...structuredData);
  return pairs;
}
