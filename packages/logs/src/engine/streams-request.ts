/** What a log query asks for. */
import type { PipelineExpr } from "../parser/ast.ts";

export interface StreamsQuery {
  readonly expr: PipelineExpr;
  /** Half-open. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly limit: number;
  readonly direction: "forward" | "backward";
  /** Whether lines get a detected_level. */
  readonly detectsLevel: boolean;
  /** Least distance between two lines of the answer, or 0. */
  readonly intervalNs: bigint;
}
