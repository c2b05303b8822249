/** A compiled stage of a pipeline. */
import type { Line } from "./line.ts";

/** Changes the line; false takes it out. */
export type LineStage = (line: Line) => boolean;
