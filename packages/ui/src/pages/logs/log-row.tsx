/** One line: its time, its source, its text; opened, its labels and fields. */
import { memo, useMemo, type ReactNode } from "react";
import { CopyButton } from "../../components/copy-button.tsx";
import { Icon } from "../../components/icon.tsx";
import { MetricsLink } from "../../labels/correlation-link.tsx";
import { labelEntries } from "../../labels/selector.ts";
import { LINE_LENGTH_SHOWN } from "../../limits.ts";
import { formatDateTime, formatLogTime } from "../../time/format.ts";
import type { TimeRange } from "../../time/range.ts";
import type { LogEntry } from "./entries.ts";
import { jsonFields } from "./json-fields.ts";
import type { Highlight } from "./log-query.ts";
import { markedPieces } from "./marked-text.ts";
import { sourceOf } from "./source-label.ts";

interface LogRowProps {
  readonly entry: LogEntry;
  readonly highlights: readonly Highlight[];
  readonly showsSource: boolean;
  readonly isOpen: boolean;
  readonly range: TimeRange;
  /** A time of today: lines of other days say which. */
  readonly todayMs: number;
  readonly onToggle: (id: string) => void;
  readonly onPick: (name: string, value: string, operator: "=" | "!=") => void;
}

export const LogRow = memo(function LogRow(props: LogRowProps): ReactNode {
  const { entry, isOpen } = props;
  const isCut = !isOpen && entry.line.length > LINE_LENGTH_SHOWN;
  const pieces = useMemo(
    () => markedPieces(isCut ? entry.line.slice(0, LINE_LENGTH_SHOWN) : entry.line, props.highlights),
    [entry.line, isCut, props.highlights],
  );
  const source = sourceOf(entry.labels);
  return (
    <div className="log-row" data-level={entry.level} data-open={isOpen}>
      <button
        type="button"
        className="log-open"
        aria-expanded={isOpen}
        aria-label={`Labels of the line of ${formatDateTime(entry.ms)}, level ${entry.level}`}
        onClick={() => props.onToggle(entry.id)}
      >
        <i className="log-level" />
        <time dateTime={new Date(entry.ms).toISOString()}>{formatLogTime(entry.ms, props.todayMs)}</time>
      </button>
      {!props.showsSource ? null : (
        <span className="log-source" title={source}>
          {source}
        </span>
      )}
      <span className="log-line">
        {pieces.map(({ text, isMarked }, index) =>
          // Pieces have no identity but their place.
          // oxlint-disable-next-line react/no-array-index-key
          isMarked ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>,
        )}
        {isCut ? <em> … {entry.line.length - LINE_LENGTH_SHOWN} more characters</em> : null}
      </span>
      {isOpen ? <Details {...props} /> : null}
    </div>
  );
});

function Details({ entry, range, onPick }: LogRowProps): ReactNode {
  const fields = useMemo(() => jsonFields(entry.line), [entry.line]);
  return (
    <div className="log-details">
      <div className="log-details-bar">
        <span className="mono">{entry.ns}</span>
        <CopyButton label="Copy the line" text={() => entry.line} />
        <MetricsLink labels={entry.labels} range={range} />
      </div>
      <table>
        <tbody>
          {labelEntries(entry.labels).map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <span className="log-picks">
                  <button
                    type="button"
                    title={`Only ${name}=${value}`}
                    aria-label={`Only ${name}=${value}`}
                    onClick={() => onPick(name, value, "=")}
                  >
                    <Icon name="plus" size={12} />
                  </button>
                  <button
                    type="button"
                    title={`Without ${name}=${value}`}
                    aria-label={`Without ${name}=${value}`}
                    onClick={() => onPick(name, value, "!=")}
                  >
                    <Icon name="close" size={12} />
                  </button>
                </span>
                {value}
              </td>
            </tr>
          ))}
          {fields.map(([name, value]) => (
            <tr key={`field ${name}`} className="log-field">
              <th scope="row">{name}</th>
              <td>
                <span className="log-picks" />
                {value}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
