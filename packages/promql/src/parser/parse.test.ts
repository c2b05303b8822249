import { BinnacleError } from "@binnacle/model";
import { expect, test } from "vitest";
import { NESTING_MAX, QUERY_LENGTH_MAX, TREE_DEPTH_MAX } from "../limits.ts";
import { withoutPlaces } from "./fuzz-rounds.ts";
import { PromqlGrammar } from "./grammar.ts";
import { ALL_LANGUAGE_FEATURES, format, parse, print, typeOf } from "./index.ts";
import { buildLexer } from "./tokens.ts";

const features = ALL_LANGUAGE_FEATURES;

/** Query, and how it is printed when not as it stands. */
const VALID: readonly (readonly [query: string, printed?: string])[] = [
  ["1"],
  ["+1", "1"],
  ["-1"],
  ["0x1F", "31"],
  ["1_000.5", "1000.5"],
  ["1e-3", "0.001"],
  ["iNf", "Inf"],
  ["nan", "NaN"],
  ["1h30m"],
  ["5400s", "1h30m"],
  [`'it''s'`.replace("''", "\\'"), `"it's"`],
  ["`raw\\n`", `"raw\\\\n"`],
  [`"\\u00e9\\x41\\101"`, `"éAA"`],
  ["requests"],
  ["job:requests:rate5m"],
  [`{__name__="requests"}`],
  [`{"my.metric"}`],
  [`{"my.metric", "a label"=~"x|y"}`, `{"my.metric","a label"=~"x|y"}`],
  [`requests{a="1",b!="2",c=~"3",d!~"4",}`, `requests{a="1",b!="2",c=~"3",d!~"4"}`],
  [`requests{sum="by"}`],
  ["sum"],
  ["start + end", "start + end"],
  ["by offset 5m"],
  ["requests[5m]"],
  ["requests[5m] offset 1h"],
  ["requests[5m] offset -1h @ 12.5", "requests[5m] @ 12.500 offset -1h"],
  ["requests @ start()"],
  ["requests @ end() offset 1m"],
  ["requests @ 1m40s", "requests @ 100.000"],
  ["rate(requests[5m])[1h:30s]"],
  ["requests[1h:] @ end() offset 5m"],
  ["requests[step() + 5m * 2]"],
  ["requests[(1 + 2) ^ 2:min_of(step(), 10s)]"],
  ["requests offset (5m + step())"],
  ["requests offset -step()"],
  ["rate(requests[5m] anchored)"],
  ["rate(requests[5m] smoothed offset 1m)"],
  ["requests smoothed"],
  ["-a ^ b", "-a ^ b"],
  ["a or b and c unless d", "a or b and c unless d"],
  ["a == bool b"],
  ["a atan2 b"],
  ["a </ 2 >/ 1"],
  ["a + on (x, y) b"],
  ["a + on(x)group_left(z)b", "a + on (x) group_left (z) b"],
  ["a / ignoring (x) group_right () b"],
  ["a / ignoring (x) group_right b", "a / ignoring (x) group_right () b"],
  ["a + fill (0) b"],
  ["a + fill_left (1) fill_right (2) b"],
  ["a + fill"],
  ["sum(a)"],
  ["SUM BY (x) (a)", "sum by (x) (a)"],
  ["sum(a) by (x, y,)", "sum by (x, y) (a)"],
  ["sum without (x) (a)"],
  [`sum by ("a b") (a)`],
  ["topk(3, a)"],
  [`count_values("v", a)`],
  ["time()"],
  ['label_join(a, "x", ",", "y", "z")'],
  ["a # a comment\n + b", "a + b"],
  ["a[1m + -0s]", "a[1m + 0s]"],
];

test.each(VALID.map(([query, printed = query]) => [query, printed] as const))(
  "parses %s",
  (query, printed) => {
    const expr = parse(query, { features });
    expect(print(expr)).toBe(printed);
    expect(withoutPlaces(parse(print(expr), { features }))).toEqual(withoutPlaces(expr));
  },
);

/** Query and the error it gets, with its place. */
const INVALID: readonly (readonly [string, string])[] = [
  ["", "1:1: parse error: no expression found in input"],
  ["1 +", "1:4: parse error: unexpected end of input"],
  ["a b", `1:3: parse error: unexpected identifier "b"`],
  ["(a", `1:3: parse error: unexpected end of input in paren expression, expected ")"`],
  ["a)", `1:2: parse error: unexpected ")"`],
  ["a{", "1:3: parse error: unexpected end of input inside braces"],
  ["a{b}", `1:3: parse error: unexpected identifier "b" in label matching, expected label matching operator`],
  ["a{b=1}", "1:5: parse error: unexpected character inside braces: '1'"],
  ["a}", "1:2: parse error: unexpected right brace '}'"],
  ["a[5m", "1:5: parse error: unexpected end of input in duration expression"],
  ["a[5x]", `1:3: parse error: bad number or duration syntax: "5x"`],
  ["a[0s]", "1:3: parse error: duration must be greater than 0"],
  ["a[5m - 10m]", "1:3: parse error: duration must be greater than 0"],
  ["a[1 / 0]", "1:3: parse error: division by zero"],
  ["a[1m1h]", `1:3: parse error: bad number or duration syntax: "1m1h"`],
  [`"abc`, "1:1: parse error: unterminated quoted string"],
  ["`abc", "1:1: parse error: unterminated raw string"],
  ["a § b", "1:3: parse error: unexpected character: '§'"],
  ["{}", "1:1: parse error: vector selector must contain at least one non-empty matcher"],
  [`{a=""}`, "1:1: parse error: vector selector must contain at least one non-empty matcher"],
  [`{a=~".*"}`, "1:1: parse error: vector selector must contain at least one non-empty matcher"],
  [`a{__name__="b"}`, `1:1: parse error: metric name must not be set twice: "a" or "b"`],
  [`{"a", "b"}`, `1:1: parse error: metric name must not be set twice: "a" or "b"`],
  ["1 == 1", "1:3: parse error: comparisons between scalars must use BOOL modifier"],
  ["a + bool b", "1:3: parse error: bool modifier can only be used on comparison operators"],
  ["1 + on (x) 2", "1:1: parse error: vector matching only allowed between instant vectors"],
  ["a and 1", `1:1: parse error: set operator "and" not allowed in binary scalar expression`],
  ["a and on (x) group_left b", `1:1: parse error: no grouping allowed for "and" operation`],
  ["a or fill (1) b", "1:1: parse error: filling in missing series not allowed for set operators"],
  [
    "a + on (x) group_left (x) b",
    `1:3: parse error: label "x" must not occur in ON and GROUP clause at once`,
  ],
  ["a[5m] + 1", "1:1: parse error: binary expression must contain only scalar and instant vector types"],
  ["rate(a)", `1:6: parse error: expected type range vector in call to function "rate", got instant vector`],
  ["abs()", `1:1: parse error: expected 1 argument(s) in call to "abs", got 0`],
  ["round(a, 1, 2)", `1:1: parse error: expected at most 2 argument(s) in call to "round", got 3`],
  ["label_join(a)", `1:1: parse error: expected at least 3 argument(s) in call to "label_join", got 1`],
  ["nonsense(a)", `1:1: parse error: unknown function with name "nonsense"`],
  ["sum(1)", "1:5: parse error: expected type instant vector in aggregation expression, got scalar"],
  [
    "topk(a)",
    "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1",
  ],
  ["topk(a, b)", "1:6: parse error: expected type scalar in aggregation parameter, got instant vector"],
  ["sum()", "1:1: parse error: no arguments for aggregate expression provided"],
  ["a[5m][5m]", "1:1: parse error: ranges only allowed for vector selectors"],
  ["a offset 1m[5m]", "1:1: parse error: no offset modifiers allowed before range"],
  ["a offset 1m offset 2m", "1:13: parse error: offset may not be set multiple times"],
  [
    "sum(a) offset 1m",
    "1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery",
  ],
  ["a @ 1 @ 2", "1:1: parse error: @ <timestamp> may not be set multiple times"],
  ["a @ inf", "1:3: parse error: timestamp out of bounds for @ modifier: Infinity"],
  ["1[5m:1m]", "1:1: parse error: subquery is only allowed on instant vector, got scalar instead"],
  [
    `-"a"`,
    `1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got "string"`,
  ],
  ["sum by (a b) (c)", `1:11: parse error: unexpected identifier "b" in grouping opts, expected "," or ")"`],
  ["a\n +\n  )", `3:3: parse error: unexpected ")"`],
  ["a anchored", "1:1: parse error: anchored modifier not implemented for this expression"],
  ["info(a, b)", "1:9: parse error: expected label selectors only, got vector selector instead"],
];

test.each(INVALID)("refuses %s", (query, message) => {
  expect(() => parse(query, { features })).toThrow(expect.objectContaining({ code: "PARSE_ERROR", message }));
});

test.each([
  ["mad_over_time(a[5m])", `function "mad_over_time" is not enabled`],
  [
    "limitk(1, a)",
    "limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions",
  ],
  ["a smoothed", "smoothed modifier is experimental and not enabled"],
  ["a + fill (0) b", "binop fill modifiers are experimental and not enabled"],
])("asks for a feature flag: %s", (query, text) => {
  expect(() => parse(query)).toThrow(text);
});

test("an error says where it stands", () => {
  const error = catchError(() => parse("sum(\n  rate(a)\n)"));
  expect(error).toMatchObject({ position: { line: 2, column: 8 } });
});

test("precedence makes the tree that the table says", () => {
  const grouped: readonly (readonly [string, string])[] = [
    ["a or b and c", "(a or (b and c))"],
    ["a + b * c ^ d ^ e", "(a + (b * (c ^ (d ^ e))))"],
    ["-a ^ b * c", "(-(a ^ b) * c)"],
    ["a ^ -b * c", "((a ^ -b) * c)"],
    ["a - b - c", "((a - b) - c)"],
    ["a > b == c + d", "((a > b) == (c + d))"],
    ["a atan2 b % c", "((a atan2 b) % c)"],
    ["a unless b and c or d", "(((a unless b) and c) or d)"],
  ];
  for (const [query, expected] of grouped) expect(bracketed(parse(query))).toBe(expected);
});

test("types", () => {
  expect(typeOf(parse("1 + 1"))).toBe("scalar");
  expect(typeOf(parse("-(a)"))).toBe("vector");
  expect(typeOf(parse("scalar(a) * 2"))).toBe("scalar");
  expect(typeOf(parse("a[5m:]"))).toBe("matrix");
  expect(typeOf(parse(`("x")`))).toBe("string");
});

function nested(depth: number): string {
  return `${"(".repeat(depth)}1${")".repeat(depth)}`;
}

test("what is nested too deeply or is too long is refused, and what is just not is read", () => {
  expect(() => parse(nested(NESTING_MAX - 1))).not.toThrow();
  expect(() => parse(nested(100_000))).toThrow("NESTING_MAX");
  expect(() => parse(`a${"[1m:1m]".repeat(TREE_DEPTH_MAX + 1)}`)).toThrow("TREE_DEPTH_MAX");
  expect(() => parse(`1${" + 1".repeat(TREE_DEPTH_MAX - 2)}`)).not.toThrow();
  expect(() => parse(`1${" + 1".repeat(TREE_DEPTH_MAX)}`)).toThrow("TREE_DEPTH_MAX");
  expect(() => parse(" ".repeat(QUERY_LENGTH_MAX + 1))).toThrow("QUERY_LENGTH_MAX");
});

test("a long expression is broken by its structure and reads the same", () => {
  const query =
    `sum by (instance, job) (rate(http_requests_total{job="api-server", code=~"5.."}[5m])) / on (instance, job) ` +
    `group_left () sum by (instance, job) (rate(http_requests_total{job="api-server", ` +
    `handler="/api/v1/query", method="GET"}[5m]))`;
  const formatted = format(parse(query));
  expect(formatted.split("\n").length).toBeGreaterThan(3);
  expect(withoutPlaces(parse(formatted))).toEqual(withoutPlaces(parse(query)));
  expect(formatted).toMatchInlineSnapshot(`
    "  sum by (instance, job) (rate(http_requests_total{job="api-server",code=~"5.."}[5m]))
    / on (instance, job) group_left ()
      sum by (instance, job) (
        rate(http_requests_total{job="api-server",handler="/api/v1/query",method="GET"}[5m])
      )"
  `);
});

function bracketed(expr: ReturnType<typeof parse>): string {
  if (expr.kind === "binary") return `(${bracketed(expr.left)} ${expr.op} ${bracketed(expr.right)})`;
  if (expr.kind === "unary") return `${expr.op}${bracketed(expr.expr)}`;
  return print(expr);
}

function catchError(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new BinnacleError("INTERNAL", "nothing was thrown");
}

test("tokens and grammar pass the validations that are skipped where they are used", () => {
  expect(() => buildLexer({ skipValidations: false })).not.toThrow();
  expect(() => new PromqlGrammar({ skipValidations: false })).not.toThrow();
});
