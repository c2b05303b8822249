/** The window of time, and how it moves: back, on, wider, again. */
import { useState, type FormEvent, type ReactNode } from "react";
import { Button, IconButton } from "../components/button.tsx";
import { Select } from "../components/choice.tsx";
import { Popover, usePopoverClose } from "../components/popover.tsx";
import { formatDuration } from "./duration.ts";
import { describeRange, formatDateTime, zoneName } from "./format.ts";
import {
  decodeRange,
  lastSpan,
  QUICK_SPANS_MS,
  resolveRange,
  shiftRange,
  zoomOut,
  type TimeRange,
} from "./range.ts";
import { useNow } from "./use-now.ts";
import { REFRESH_OPTIONS, type Refresh } from "./refresh.ts";

interface TimeControlsProps {
  readonly range: TimeRange;
  readonly onRange: (range: TimeRange) => void;
  readonly refresh?: Refresh;
  readonly onRefresh?: (refresh: Refresh) => void;
  readonly onAskAgain: () => void;
}

export function TimeControls(props: TimeControlsProps): ReactNode {
  const { range, onRange, refresh, onRefresh } = props;
  return (
    <div className="time-controls">
      <IconButton
        icon="left"
        label="Back by half"
        onClick={() => onRange(shiftRange(range, -1, Date.now()))}
      />
      <Popover label="Time range (t)" icon="clock" text={describeRange(range)} align="right" shortcut="time">
        <TimePanel range={range} onRange={onRange} />
      </Popover>
      <IconButton
        icon="right"
        label="On by half"
        disabled={range.kind === "last"}
        onClick={() => onRange(shiftRange(range, 1, Date.now()))}
      />
      <IconButton
        icon="zoomOut"
        label="Zoom out (z)"
        data-shortcut="zoom-out"
        onClick={() => onRange(zoomOut(range, Date.now()))}
      />
      {refresh === undefined || onRefresh === undefined ? null : (
        <Select label="Refresh" value={refresh} options={REFRESH_OPTIONS} onChoose={onRefresh} />
      )}
      <IconButton icon="refresh" label="Ask again (r)" data-shortcut="refresh" onClick={props.onAskAgain} />
    </div>
  );
}

function TimePanel({ range, onRange }: Pick<TimeControlsProps, "range" | "onRange">): ReactNode {
  const close = usePopoverClose();
  const choose = (next: TimeRange): void => {
    onRange(next);
    close();
  };
  const [{ from, to }, setTexts] = useState(() => textsOf(range));
  const nowMs = useNow();
  const [isWrong, setIsWrong] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const next = decodeRange(from, to, Date.now());
    setIsWrong(next === undefined);
    if (next !== undefined) choose(next);
  };
  return (
    <div className="time-panel">
      <form onSubmit={submit}>
        <label htmlFor="time-from">From</label>
        <input
          id="time-from"
          className="input"
          // The panel was asked for by this very control, so the focus belongs in it.
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          value={from}
          onChange={(event) => setTexts({ from: event.target.value, to })}
        />
        <label htmlFor="time-to">To</label>
        <input
          id="time-to"
          className="input"
          value={to}
          onChange={(event) => setTexts({ from, to: event.target.value })}
        />
        <p className="time-hint">
          {isWrong
            ? "This is not a range. Try now-2h and now, or 2026-01-31 08:00."
            : `now-2h, 2026-01-31 08:00 (${zoneName(nowMs)}), or Unix time`}
        </p>
        <Button look="primary" onClick={submit}>
          Apply
        </Button>
        <input type="submit" hidden />
      </form>
      <ul className="time-quick" aria-label="Quick ranges">
        {QUICK_SPANS_MS.map((spanMs) => (
          <li key={spanMs}>
            <button
              type="button"
              className="menu-item"
              aria-current={range.kind === "last" && range.spanMs === spanMs}
              onClick={() => choose(lastSpan(spanMs))}
            >
              Last {formatDuration(spanMs)}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function textsOf(range: TimeRange): { from: string; to: string } {
  if (range.kind === "last") return { from: `now-${formatDuration(range.spanMs)}`, to: "now" };
  const { fromMs, toMs } = resolveRange(range, Date.now());
  return { from: formatDateTime(fromMs), to: formatDateTime(toMs) };
}
