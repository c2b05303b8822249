/** What a mistake in a query says, and where: `parse error at line 1, col 5: syntax error: unexpected …`. */
import { tokenLabel, type IParserErrorMessageProvider, type IToken, type TokenType } from "chevrotain";
import { BinnacleError, type Position } from "@binnacle/model";

/** Alternatives named in a message; past it the message says only what was unexpected. */
const EXPECTED_MAX = 6;

export function parseErrorAt(position: Position, text: string): BinnacleError {
  const { line, column } = position;
  return new BinnacleError("PARSE_ERROR", `parse error at line ${line}, col ${column}: ${text}`, {
    position,
  });
}

export function parseError(token: IToken, text: string): BinnacleError {
  return parseErrorAt(positionOf(token), text);
}

export function positionOf(token: IToken): Position {
  return { line: token.startLine ?? 1, column: token.startColumn ?? 1 };
}

export const ERROR_TEXTS: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, actual }) => unexpected(actual, [expected]),
  buildNotAllInputParsedMessage: ({ firstRedundant }) => unexpected(firstRedundant, []),
  buildNoViableAltMessage: ({ expectedPathsPerAlt, actual }) =>
    unexpected(
      actual[0]!,
      expectedPathsPerAlt.flatMap((paths) => paths.flatMap((path) => path[0] ?? [])),
    ),
  buildEarlyExitMessage: ({ expectedIterationPaths, actual }) =>
    unexpected(
      actual[0]!,
      expectedIterationPaths.flatMap((path) => path[0] ?? []),
    ),
};

function unexpected(actual: IToken, expected: readonly TokenType[]): string {
  const labels = [...new Set(expected.map((type) => tokenLabel(type)))];
  const wanted =
    labels.length === 0 || labels.length > EXPECTED_MAX ? "" : `, expecting ${labels.join(" or ")}`;
  return `syntax error: unexpected ${describe(actual)}${wanted}`;
}

function describe(token: IToken): string {
  if (token.image === "") return "$end";
  const { name } = token.tokenType;
  const carriesText = name === "IDENTIFIER" || name === "STRING" || name === "NUMBER" || name === "DURATION";
  return carriesText ? `${name} ${token.image}` : token.image;
}
