/** The list of keyboard shortcuts. */
import { useEffect, useRef, type ReactNode } from "react";
import { IconButton } from "../components/button.tsx";
import { PAGES, PAGE_SHORTCUTS } from "./pages.ts";

const EDITOR_KEYS: readonly (readonly [keys: string, text: string])[] = [
  ["Enter", "Run the query"],
  ["Shift+Enter", "New line"],
  ["Ctrl+Space", "Complete"],
  ["Esc", "Leave the editor"],
];

const CHART_KEYS: readonly (readonly [keys: string, text: string])[] = [
  ["Drag", "Zoom into a window of time"],
  ["Click a name", "Show only that series"],
  ["Ctrl+click", "Hide or show it"],
];

export function HelpDialog({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isOpen && dialog.current?.open === false) dialog.current.showModal();
    if (!isOpen) dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog className="help" ref={dialog} onClose={onClose} aria-labelledby="help-title">
      <header>
        <h2 id="help-title">Keyboard and mouse</h2>
        <IconButton icon="close" label="Close" onClick={onClose} />
      </header>
      <div className="help-columns">
        <Keys title="Go to" rows={PAGES.map(({ keys, name }) => [keys, name])} />
        <Keys
          title="On a page"
          rows={[...PAGE_SHORTCUTS.map(({ keys, text }) => [keys, text] as const), ["?", "This list"]]}
        />
        <Keys title="In the editor" rows={EDITOR_KEYS} />
        <Keys title="On a chart" rows={CHART_KEYS} />
      </div>
    </dialog>
  );
}

function Keys({
  title,
  rows,
}: {
  readonly title: string;
  readonly rows: readonly (readonly [string, string])[];
}): ReactNode {
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {rows.map(([keys, text]) => (
          <div key={keys}>
            <dt>
              {(/^\w \w$/.test(keys) ? keys.split(" ") : [keys]).map((key, index) => (
                // A sequence may hold one key twice.
                // oxlint-disable-next-line react/no-array-index-key
                <kbd className="kbd" key={index}>
                  {key}
                </kbd>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
