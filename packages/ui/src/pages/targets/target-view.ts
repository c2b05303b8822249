/** Targets as the page groups, filters and counts them. */
import type { ActiveTarget } from "@binnacle/api";

export type Health = ActiveTarget["health"];

export const HEALTHS: readonly Health[] = ["up", "down", "unknown"];

export interface TargetPool {
  readonly name: string;
  readonly targets: readonly ActiveTarget[];
  /** Of all its targets, whatever the filter. */
  readonly up: number;
  readonly total: number;
}

export function countHealth(targets: readonly ActiveTarget[]): Readonly<Record<Health, number>> {
  const counts = { up: 0, down: 0, unknown: 0 };
  for (const { health } of targets) counts[health]++;
  return counts;
}

/** Pools by name, those with a target that is down before others; in a pool the ones down come first. */
export function targetPools(
  targets: readonly ActiveTarget[],
  filter: { readonly healths: ReadonlySet<Health>; readonly text: string },
): readonly TargetPool[] {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const byName = new Map<string, ActiveTarget[]>();
  for (const target of targets) {
    const pool = byName.get(target.scrapePool);
    if (pool === undefined) byName.set(target.scrapePool, [target]);
    else pool.push(target);
  }
  return [...byName]
    .map(([name, all]) => ({
      name,
      up: all.filter(({ health }) => health === "up").length,
      total: all.length,
      targets: all
        .filter(
          (target) =>
            (filter.healths.size === 0 || filter.healths.has(target.health)) && matches(target, words),
        )
        .toSorted((a, b) => rank(a) - rank(b) || (a.scrapeUrl < b.scrapeUrl ? -1 : 1)),
    }))
    .filter((pool) => pool.targets.length > 0)
    .toSorted((a, b) => Number(b.up < b.total) - Number(a.up < a.total) || (a.name < b.name ? -1 : 1));
}

function rank({ health }: ActiveTarget): number {
  return health === "down" ? 0 : health === "unknown" ? 1 : 2;
}

function matches(target: ActiveTarget, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const labels = Object.entries(target.labels).map(([name, value]) => `${name}=${value}`);
  const text = [target.scrapePool, target.scrapeUrl, target.lastError, ...labels].join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}
