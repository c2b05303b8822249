/** Labels as name=value pairs. */
import type { ReactNode } from "react";
import { labelEntries, type LabelSet } from "../labels/selector.ts";

interface LabelListProps {
  readonly labels: LabelSet;
  /** Labels to leave out, since they stand elsewhere. */
  readonly without?: ReadonlySet<string>;
  /** Makes each pair a button. */
  readonly onPick?: (name: string, value: string) => void;
  readonly pickTitle?: string;
}

export function LabelList({ labels, without, onPick, pickTitle }: LabelListProps): ReactNode {
  const entries = labelEntries(labels).filter(([name]) => without?.has(name) !== true);
  return (
    <ul className="labels">
      {entries.map(([name, value]) => {
        const pair = (
          <>
            <span className="label-name">{name}</span>
            <span className="label-value">{value === "" ? '""' : value}</span>
          </>
        );
        return (
          <li key={name} className="label">
            {onPick === undefined ? (
              pair
            ) : (
              <button type="button" title={pickTitle} onClick={() => onPick(name, value)}>
                {pair}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** A series' identity on one line: name{a="x"}. */
export function SeriesName({
  labels,
  only,
}: {
  readonly labels: LabelSet;
  readonly only?: ReadonlySet<string>;
}): ReactNode {
  const name = only === undefined || only.has("__name__") ? labels["__name__"] : undefined;
  const entries = labelEntries(labels).filter(([label]) => only === undefined || only.has(label));
  return (
    <span className="series-name mono">
      {name === undefined ? null : <span className="series-metric">{name}</span>}
      {entries.length === 0 && name !== undefined ? null : (
        <>
          <span className="series-brace">{"{"}</span>
          {entries.map(([label, value], index) => (
            <span key={label}>
              {index === 0 ? "" : ", "}
              <span className="series-label">{label}</span>=<span className="series-value">"{value}"</span>
            </span>
          ))}
          <span className="series-brace">{"}"}</span>
        </>
      )}
    </span>
  );
}
