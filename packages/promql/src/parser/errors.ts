/** Parse errors with their place, in Prometheus's form: `1:5: parse error: …`. */
import { BinnacleError, type Position } from "@binnacle/model";

export function positionAt(query: string, offset: number): Position {
  let line = 1;
  let lineStart = 0;
  for (let at = query.indexOf("\n"); at >= 0 && at < offset; at = query.indexOf("\n", at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { line, column: offset - lineStart + 1 };
}

export function parseError(query: string, offset: number, text: string): BinnacleError {
  const position = positionAt(query, offset);
  const { line, column } = position;
  return new BinnacleError("PARSE_ERROR", `${line}:${column}: parse error: ${text}`, { position });
}
