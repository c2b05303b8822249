/** A reading: a number large enough to be read across the room, over a scale or a course. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { FlatSearch } from "../../app/flat-search.ts";
import type { PageEntry } from "../../app/pages.ts";

export type Tone = "calm" | "ok" | "warn" | "bad";

interface ReadingProps {
  readonly name: string;
  readonly value: string;
  readonly unit?: string;
  readonly note?: ReactNode;
  readonly tone?: Tone;
  readonly to: PageEntry["path"];
  readonly search?: FlatSearch;
  readonly children?: ReactNode;
}

export function Reading(props: ReadingProps): ReactNode {
  return (
    <Link className="reading" to={props.to} search={props.search ?? {}} data-tone={props.tone ?? "calm"}>
      <span className="reading-name">{props.name}</span>
      <span className="reading-value">
        <b>{props.value}</b>
        {props.unit === undefined || props.unit === "" ? null : <small>{props.unit}</small>}
      </span>
      <span className="reading-figure">{props.children}</span>
      <span className="reading-note">{props.note ?? " "}</span>
    </Link>
  );
}

const TICKS = 20;

/** A scale with a needle. From `redFrom` on it is marked. */
export function Scale({
  share,
  redFrom,
}: {
  readonly share: number | undefined;
  readonly redFrom?: number;
}): ReactNode {
  const at = share === undefined || !Number.isFinite(share) ? undefined : Math.min(1, Math.max(0, share));
  return (
    <span className="scale" aria-hidden="true">
      <svg viewBox={`0 0 ${TICKS * 10} 12`} preserveAspectRatio="none">
        {Array.from({ length: TICKS + 1 }, (_, index) => {
          const height = index % 10 === 0 ? 12 : index % 5 === 0 ? 9 : 5;
          const isRed = redFrom !== undefined && index / TICKS >= redFrom;
          return (
            <path
              key={index}
              d={`M${index * 10} 12V${12 - height}`}
              stroke={isRed ? "var(--bad-fill)" : "var(--rule-strong)"}
              vectorEffect="non-scaling-stroke"
            />
          );
        })}
      </svg>
      {at === undefined ? null : (
        <>
          <i className="scale-fill" style={{ width: `${at * 100}%` }} />
          <i className="scale-needle" style={{ left: `${at * 100}%` }} />
        </>
      )}
    </span>
  );
}
