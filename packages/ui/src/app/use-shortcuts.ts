/** Keyboard shortcuts of the whole page. They rest while someone types. */
import { useEffect, useRef } from "react";
import { KeySequence } from "./key-sequence.ts";

export function useShortcuts(actions: ReadonlyMap<string, () => void>): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    const sequence = new KeySequence(latest.current.keys());
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      const shortcut = sequence.press(event.key, event.timeStamp);
      const action = shortcut === undefined ? undefined : latest.current.get(shortcut);
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

function isTyping(event: KeyboardEvent): boolean {
  // The path's first element is the true one, where the event's target is only the editor's host.
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Presses a marked button, or puts the focus into a marked field or editor. */
export function activateMarked(mark: string): void {
  const element = document.querySelector<HTMLElement>(`[data-shortcut="${mark}"]`);
  if (element === null) return;
  if (element.tagName === "BUTTON") {
    element.click();
    return;
  }
  const field = element.shadowRoot?.querySelector<HTMLElement>("[contenteditable]") ?? element;
  field.focus();
}
