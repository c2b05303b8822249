/** Light, dark or as the system has it; remembered. The style sheet follows the system by itself. */
import { useSyncExternalStore } from "react";

export type ThemeChoice = "auto" | "light" | "dark";
export type Theme = "light" | "dark";

const KEY = "binnacle.theme";
const CHOICES: readonly ThemeChoice[] = ["auto", "light", "dark"];
const dark = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();
let choice = readChoice();

dark.addEventListener("change", apply);
apply();

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, () => choice);
}

/** The theme in force: what is drawn on a canvas must be drawn anew when it changes. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, themeNow);
}

export function chooseNextTheme(): void {
  choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length]!;
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
  apply();
}

function themeNow(): Theme {
  return choice === "dark" || (choice === "auto" && dark.matches) ? "dark" : "light";
}

function apply(): void {
  if (choice === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = choice;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function readChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === "light" || stored === "dark" ? stored : "auto";
  } catch {
    return "auto";
  }
}
