/** A text being edited, that begins anew whenever the one it is a draft of changes. */
import { useState } from "react";

export function useDraft(value: string): [string, (draft: string) => void] {
  const [{ draft, of }, set] = useState({ draft: value, of: value });
  // Set while rendering, as React advises: the outdated draft is never shown.
  if (of !== value) set({ draft: value, of: value });
  return [of === value ? draft : value, (next) => set({ draft: next, of: value })];
}
