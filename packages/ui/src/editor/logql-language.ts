/** LogQL's colours: a scanner of its words is enough, since the server checks the grammar. */
import { StreamLanguage, type StringStream } from "@codemirror/language";
import { LOGQL_AGGREGATIONS, LOGQL_FUNCTIONS, LOGQL_KEYWORDS, LOGQL_STAGES } from "./logql-words.ts";

interface ScanState {
  /** Inside the braces of a stream selector, where a word is a label. */
  isInSelector: boolean;
}

const functions = new Set([...LOGQL_AGGREGATIONS, ...LOGQL_FUNCTIONS].map(({ word }) => word));
const keywords = new Set([...LOGQL_KEYWORDS, ...LOGQL_STAGES.map(({ word }) => word)]);

export const logqlLanguage = StreamLanguage.define<ScanState>({
  name: "logql",
  startState: () => ({ isInSelector: false }),
  token: scan,
  languageData: {
    closeBrackets: { brackets: ["(", "[", "{", '"', "`"] },
    commentTokens: { line: "#" },
  },
});

function scan(stream: StringStream, state: ScanState): string | null {
  if (stream.eatSpace()) return null;
  const char = stream.peek();
  if (char === "#") {
    stream.skipToEnd();
    return "comment";
  }
  if (char === '"' || char === "`") return scanString(stream, char);
  if (stream.match(/^\d+(?:\.\d+)?(?:[a-zµ]+\d*)*/i)) return "number";
  if (stream.match(/^[a-zA-Z_][\w:]*/)) return wordStyle(stream.current(), state);
  if (stream.match(/^(?:\|=|\|~|\|>|!=|!~|!>|=~|==|>=|<=|[|=<>+\-*/%^])/)) return "operator";
  stream.next();
  if (char === "{") state.isInSelector = true;
  if (char === "}") state.isInSelector = false;
  return "punctuation";
}

function scanString(stream: StringStream, quote: string): string {
  stream.next();
  for (let char = stream.next(); typeof char === "string" && char !== quote; char = stream.next()) {
    if (char === "\\" && quote === '"') stream.next();
  }
  return "string";
}

function wordStyle(word: string, state: ScanState): string {
  if (state.isInSelector) return "labelName";
  if (functions.has(word)) return "variableName.function";
  return keywords.has(word) ? "keyword" : "labelName";
}
