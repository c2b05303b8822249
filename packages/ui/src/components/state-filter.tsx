/** States with their counts; a click shows only that one, none chosen means all. */
import type { ReactNode } from "react";

interface StateFilterProps<State extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: State; readonly count: number; readonly tone: string }[];
  readonly chosen: ReadonlySet<State>;
  readonly onChoose: (chosen: ReadonlySet<State>) => void;
}

export function StateFilter<State extends string>(props: StateFilterProps<State>): ReactNode {
  return (
    <div className="choice state-filter" role="group" aria-label={props.label}>
      {props.options.map(({ value, count, tone }) => (
        <button
          key={value}
          type="button"
          aria-pressed={props.chosen.has(value)}
          onClick={() => {
            const next = new Set(props.chosen);
            if (!next.delete(value)) next.add(value);
            props.onChoose(next);
          }}
        >
          <span className="state" data-state={count === 0 ? "none" : tone}>
            {value}
          </span>
          <b>{count}</b>
        </button>
      ))}
    </div>
  );
}
