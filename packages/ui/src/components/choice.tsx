/** One of a few: a row of buttons of which one is pressed, or a native select where there are many. */
import type { ReactNode } from "react";

export interface Option<Value extends string> {
  readonly value: Value;
  readonly text: ReactNode;
  readonly title?: string;
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly Option<Value>[];
  readonly onChoose: (value: Value) => void;
}

export function Choice<Value extends string>(props: ChoiceProps<Value>): ReactNode {
  return (
    <div className="choice" role="group" aria-label={props.label}>
      {props.options.map(({ value, text, title }) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === props.value}
          title={title}
          onClick={() => props.onChoose(value)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}

export function Select<Value extends string>(
  props: Omit<ChoiceProps<Value>, "options"> & {
    readonly options: readonly { readonly value: Value; readonly text: string }[];
    readonly showsLabel?: boolean;
  },
): ReactNode {
  return (
    <label className="select">
      <span className={props.showsLabel === true ? "select-label" : "visually-hidden"}>{props.label}</span>
      <select value={props.value} onChange={(event) => props.onChoose(event.target.value as Value)}>
        {props.options.map(({ value, text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
