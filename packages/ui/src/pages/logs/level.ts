/** How grave a line is. */

export type Level = "error" | "warn" | "info" | "debug" | "trace" | "unknown";

/** From the gravest on: in a stack the errors stand at the foot, where their height can be compared. */
export const LEVELS: readonly Level[] = ["error", "warn", "info", "debug", "trace", "unknown"];

const NAMES: ReadonlyMap<string, Level> = new Map<string, Level>([
  ["emerg", "error"],
  ["emergency", "error"],
  ["alert", "error"],
  ["crit", "error"],
  ["critical", "error"],
  ["fatal", "error"],
  ["panic", "error"],
  ["err", "error"],
  ["error", "error"],
  ["eror", "error"],
  ["e", "error"],
  ["f", "error"],
  ["warn", "warn"],
  ["warning", "warn"],
  ["w", "warn"],
  ["notice", "info"],
  ["info", "info"],
  ["information", "info"],
  ["informational", "info"],
  ["i", "info"],
  ["debug", "debug"],
  ["dbug", "debug"],
  ["d", "debug"],
  ["trace", "trace"],
  ["verbose", "trace"],
]);

/** A line's level stands near its beginning, or it is not its level. */
const SCAN_LENGTH = 400;

const FIELD = /["']?(?:level|lvl|severity)["']?\s*[=:]\s*["']?([a-zA-Z]+|\d{2})\b/i;
const WORD =
  /(?:^|[\s[(|<])(EMERG|ALERT|CRIT(?:ICAL)?|FATAL|PANIC|ERR(?:OR)?|WARN(?:ING)?|NOTICE|INFO|DEBUG|TRACE)(?=$|[\s\]):|>,-])/i;
const KLOG = /^([IWEF])\d{4} \d{2}:\d{2}/;

/** What a name of a level means; "unknown" where it means nothing. */
export function levelNamed(name: string): Level {
  return NAMES.get(name.toLowerCase()) ?? "unknown";
}

/** From the labels where they say it, else from the line's own words. */
export function levelOf(labels: Readonly<Record<string, string>>, line: string): Level {
  const labelled = labels["detected_level"] ?? labels["level"] ?? labels["severity"];
  if (labelled !== undefined) {
    const level = levelNamed(labelled);
    if (level !== "unknown") return level;
  }
  const head = line.slice(0, SCAN_LENGTH);
  const field = FIELD.exec(head)?.[1];
  if (field !== undefined) return /^\d/.test(field) ? levelNumbered(Number(field)) : levelNamed(field);
  const klog = KLOG.exec(head)?.[1];
  if (klog !== undefined) return levelNamed(klog);
  const word = WORD.exec(head)?.[1];
  return word === undefined ? "unknown" : levelNamed(word);
}

/** pino and bunyan write 10 for trace up to 60 for fatal. */
function levelNumbered(value: number): Level {
  if (value >= 50) return "error";
  if (value >= 40) return "warn";
  if (value >= 30) return "info";
  return value >= 20 ? "debug" : "trace";
}
