/** Lines, of which only those in view are in the document. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import type { TimeRange } from "../../time/range.ts";
import type { LogEntry } from "./entries.ts";
import { LogRow } from "./log-row.tsx";
import type { Highlight } from "./log-query.ts";

interface LogListProps {
  readonly entries: readonly LogEntry[];
  readonly highlights: readonly Highlight[];
  /** Writes beside each line whose it is. */
  readonly showsSource: boolean;
  readonly wraps: boolean;
  readonly range: TimeRange;
  /** Keeps the newest line in view as lines come. */
  readonly follows: "no" | "top" | "bottom";
  /** The person scrolled away from the newest line. */
  readonly onScrolledAway: () => void;
  readonly onPick: (name: string, value: string, operator: "=" | "!=") => void;
  readonly foot: ReactNode;
}

const ROW_PX = 23;
/** Nearer to the edge than this counts as being there. */
const EDGE_PX = 40;

export function LogList(props: LogListProps): ReactNode {
  const { entries, follows } = props;
  const [todayMs] = useState(() => Date.now());
  const scroller = useRef<HTMLDivElement>(null);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => entries[index]!.id,
    overscan: 12,
  });
  // Rows are drawn again only for a reason of their own: while scrolling, the others stay as they are.
  const toggle = useCallback((id: string) => setOpened((before) => toggled(before, id)), []);
  const latestPick = useRef(props.onPick);
  useEffect(() => {
    latestPick.current = props.onPick;
  });
  const pick = useCallback<LogListProps["onPick"]>(
    (name, value, operator) => latestPick.current(name, value, operator),
    [],
  );
  const newestId = follows === "top" ? entries[0]?.id : entries.at(-1)?.id;

  useEffect(() => {
    if (follows === "top") virtual.scrollToOffset(0);
    if (follows === "bottom" && entries.length > 0)
      virtual.scrollToIndex(entries.length - 1, { align: "end" });
    // The list moves when its newest line is another, not when it is drawn again.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [newestId, follows]);

  const onWheel = (deltaY: number): void => {
    const element = scroller.current;
    if (element === null || follows === "no") return;
    const fromTop = element.scrollTop;
    const fromBottom = element.scrollHeight - element.clientHeight - element.scrollTop;
    const leaves =
      follows === "top"
        ? deltaY > 0 && fromTop + deltaY > EDGE_PX
        : deltaY < 0 && fromBottom - deltaY > EDGE_PX;
    if (leaves) props.onScrolledAway();
  };

  return (
    <div
      className="log-list"
      ref={scroller}
      role="region"
      aria-label="Log lines"
      // A region that scrolls must be reachable by keyboard.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      data-wraps={props.wraps}
      onWheel={(event) => onWheel(event.deltaY)}
    >
      <div className="log-rows" style={{ height: virtual.getTotalSize() }} role="list">
        {virtual.getVirtualItems().map((item) => {
          const entry = entries[item.index]!;
          return (
            <div
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              className="log-slot"
              role="listitem"
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <LogRow
                entry={entry}
                highlights={props.highlights}
                showsSource={props.showsSource}
                isOpen={opened.has(entry.id)}
                range={props.range}
                todayMs={todayMs}
                onToggle={toggle}
                onPick={pick}
              />
            </div>
          );
        })}
      </div>
      {props.foot}
    </div>
  );
}

function toggled(set: ReadonlySet<string>, value: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}
