/** The live tail's state, and how to hold it. */
import type { ReactNode } from "react";
import { Button } from "../../components/button.tsx";
import type { Tail } from "./use-tail.ts";

const STATES = {
  connecting: { text: "Connecting", tone: "none" },
  open: { text: "Live", tone: "ok" },
  waiting: { text: "Lost the connection, trying again", tone: "bad" },
} as const;

export function TailBar({ tail }: { readonly tail: Tail }): ReactNode {
  const { snapshot } = tail;
  const { text, tone } = STATES[tail.state];
  const isHeld = snapshot.isPaused && tail.state === "open";
  return (
    <div className="query-bar logs-bar tail-bar" data-paused={snapshot.isPaused}>
      <span className="state tail-state" data-state={isHeld ? "warn" : tone} role="status">
        {isHeld ? "Paused" : text}
      </span>
      <Button
        icon={snapshot.isPaused ? "play" : "pause"}
        data-shortcut="pause"
        title="Pause (p)"
        onClick={() => tail.setPaused(!snapshot.isPaused)}
      >
        {snapshot.isPaused ? `Go on${snapshot.waiting > 0 ? ` with ${snapshot.waiting} more` : ""}` : "Pause"}
      </Button>
      <Button look="plain" onClick={tail.clear}>
        Clear
      </Button>
      <span className="grow" />
      {tail.reason === "" ? null : <span className="query-stats">{tail.reason}</span>}
      {snapshot.droppedByServer > 0 ? (
        <span className="tail-dropped">
          {snapshot.droppedByServer} dropped by the server: too many for this connection
        </span>
      ) : null}
      {snapshot.lostInPause > 0 ? (
        <span className="tail-dropped">{snapshot.lostInPause} passed during the pause</span>
      ) : null}
      <p className="query-stats">
        {snapshot.entries.length} of {snapshot.received} lines kept
      </p>
    </div>
  );
}
