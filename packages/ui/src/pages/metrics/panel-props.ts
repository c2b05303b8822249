/** What a panel is given, and its views after it. */
import type { ReactNode } from "react";
import type { TimeRange } from "../../time/range.ts";
import type { Refresh } from "../../time/refresh.ts";
import type { PanelState } from "./metrics-state.ts";

export interface QueryPanelProps {
  readonly name: string;
  readonly panel: PanelState;
  readonly range: TimeRange;
  readonly refresh: Refresh;
  readonly isFirst: boolean;
  readonly isAlone: boolean;
  readonly onChange: (change: Partial<PanelState>) => void;
  /** Run was pressed, and the query is the one that stands there already. */
  readonly onRunSame: () => void;
  readonly onZoom: (fromMs: number, toMs: number) => void;
  readonly onDuplicate: (() => void) | undefined;
  readonly onRemove: (() => void) | undefined;
}

export interface PanelViewProps extends QueryPanelProps {
  /** The choice between the views, which stands in each one's own bar. */
  readonly tabs: ReactNode;
  readonly onError: (error: unknown) => void;
}
