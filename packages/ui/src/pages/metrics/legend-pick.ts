/** Clicks on a legend. */

/**
 * Which series are hidden after a click on one: a plain click shows it alone, and a second one shows all
 * again; with Ctrl it only comes or goes.
 */
export function hiddenAfterPick(
  keys: readonly string[],
  hidden: ReadonlySet<string>,
  options: { key: string; adds: boolean },
): ReadonlySet<string> {
  const { key, adds } = options;
  if (adds) {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    return next.size === keys.length ? new Set() : next;
  }
  const isAlone = !hidden.has(key) && hidden.size === keys.length - 1;
  return isAlone ? new Set() : new Set(keys.filter((one) => one !== key));
}
