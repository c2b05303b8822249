/** The columns that streamed series are written into. */
import type { Evaluation } from "./evaluation.ts";
import type { StepGrid } from "./grid.ts";
import { bytesOfSteps, type StepColumns } from "./step-series.ts";
import type { Streaming } from "./streaming.ts";

/** Columns for one series after another: new ones, or the same again where the consumer lets them go. */
export class ColumnPool implements Disposable {
  readonly #grid: StepGrid;
  readonly #evaluation: Evaluation;
  readonly #reuses: boolean;
  #columns: StepColumns | undefined;

  constructor(grid: StepGrid, evaluation: Evaluation, { reuses }: Streaming) {
    this.#grid = grid;
    this.#evaluation = evaluation;
    this.#reuses = reuses;
  }

  next(): StepColumns {
    // Columns that stayed empty were given to nobody.
    if (this.#columns === undefined || (!this.#reuses && !this.#columns.isEmpty)) {
      this.#columns = this.#evaluation.columns(this.#grid);
    } else {
      this.#columns.clear();
    }
    return this.#columns;
  }

  [Symbol.dispose](): void {
    if (this.#columns === undefined) return;
    if (this.#reuses || this.#columns.isEmpty) {
      this.#evaluation.context.release({ bytes: bytesOfSteps(this.#grid.count) });
    }
    this.#columns = undefined;
  }
}
