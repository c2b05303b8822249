/** `<name> literal <_>`: the patterns of `| pattern`, `|>` and `!>`. */
import { BinnacleError } from "@binnacle/model";

interface Piece {
  readonly kind: "literal" | "capture";
  /** The literal, or the capture's name; "_" for one without. */
  readonly text: string;
}

/** `<name>` is a capture only where the name is well formed; else it is text. */
function split(pattern: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of pattern.matchAll(/<([a-zA-Z_][a-zA-Z0-9_]*)>/g)) {
    if (match.index > end) pieces.push({ kind: "literal", text: pattern.slice(end, match.index) });
    pieces.push({ kind: "capture", text: match[1]! });
    end = match.index + match[0].length;
  }
  if (end < pattern.length) pieces.push({ kind: "literal", text: pattern.slice(end) });
  return pieces;
}

function fault(pattern: string, reason: string): BinnacleError {
  return new BinnacleError("PARSE_ERROR", `pattern ${JSON.stringify(pattern)}: ${reason}`);
}

/**
 * Compiles a parser: it begins at the line's start, each capture reaches to the next literal, the last to the
 * end. It gives name and value pairs of what matched before it failed. Throws PARSE_ERROR.
 */
export function compilePatternParser(pattern: string): (text: string) => [string, string][] {
  const pieces = split(pattern);
  const names = pieces
    .filter((piece) => piece.kind === "capture" && piece.text !== "_")
    .map((piece) => piece.text);
  if (names.length === 0) throw fault(pattern, "at least one named capture is required");
  if (new Set(names).size < names.length) throw fault(pattern, "a capture's name stands twice");
  checkNeighbours(pattern, pieces);
  return (text) => {
    const found: [string, string][] = [];
    let at = 0;
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i]!;
      if (piece.kind === "literal") {
        // Only the first stands here: the others are consumed with the capture before them.
        if (!text.startsWith(piece.text, at)) return found;
        at += piece.text.length;
        continue;
      }
      const next = pieces[i + 1];
      const end = next === undefined ? text.length : text.indexOf(next.text, at);
      if (end < 0) {
        if (piece.text !== "_") found.push([piece.text, text.slice(at)]);
        return found;
      }
      if (piece.text !== "_") found.push([piece.text, text.slice(at, end)]);
      at = end + (next?.text.length ?? 0);
      if (next !== undefined) i++;
    }
    return found;
  };
}

/**
 * Compiles a filter, as Loki has them: each literal is looked for after the one before, the first anywhere.
 * What a `<_>` stands for is not empty, and a literal at the pattern's end must end the line. Throws
 * PARSE_ERROR.
 */
export function compilePatternFilter(pattern: string): (text: string) => boolean {
  const pieces = split(pattern);
  if (pieces.some((piece) => piece.kind === "capture" && piece.text !== "_")) {
    throw fault(pattern, "named captures are not allowed in a line filter, only <_>");
  }
  checkNeighbours(pattern, pieces);
  const endsOpen = pieces.at(-1)?.kind === "capture";
  return (text) => {
    if (text === "" || pieces.length === 0) return text === "" && pieces.length === 0;
    let at = 0;
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i]!;
      if (piece.kind === "capture") continue;
      const found = text.indexOf(piece.text, at);
      const isEmptyCapture = i > 0 && found === at;
      if (found < 0 || isEmptyCapture) return false;
      at = found + piece.text.length;
    }
    return endsOpen === at < text.length;
  };
}

function checkNeighbours(pattern: string, pieces: readonly Piece[]): void {
  for (let i = 1; i < pieces.length; i++) {
    if (pieces[i]!.kind === "capture" && pieces[i - 1]!.kind === "capture") {
      throw fault(pattern, "two captures follow each other without a literal between them");
    }
  }
}
