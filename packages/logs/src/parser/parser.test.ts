/** LogQL as text: what is printed for what is parsed, and what is said of mistakes, where. */
import { BinnacleError } from "@binnacle/model";
import { expect, test } from "vitest";
import { parseLogQL, prettyLogQL, printLogQL, type LogExpr } from "./index.ts";

// Query and how it is printed; undefined where that is the same.
const GOOD: readonly (readonly [string, string?])[] = [
  ['{app="x"}'],
  ['{app="x", b!="y", c=~"z.+", d!~`w`}', '{app="x", b!="y", c=~"z.+", d!~"w"}'],
  ['{ app = "x" }', '{app="x"}'],
  ['{json="x", rate="y", ip="z", sum="s"}'],
  ['{app="x"}|="a"|~"b"!="c"!~"d"', '{app="x"} |= "a" |~ "b" != "c" !~ "d"'],
  ['{app="x"} |> "<_> a" !> "b"'],
  ['{app="x"} |= "a" or "b" or ip("10.0.0.0/8")'],
  ['{app="x"} |= "tab\\t quote\\" \\u00e9 \\x41"', '{app="x"} |= "tab\\t quote\\" é A"'],
  ["{app=`x`} # a comment\n |= `raw \\n`", '{app="x"} |= "raw \\\\n"'],
  [
    '{app="x"} | json | json a, b="c.d[0]" | logfmt | logfmt --strict --keep-empty a, b="c"',
    '{app="x"} | json | json a="a",b="c.d[0]" | logfmt | logfmt --strict --keep-empty a="a",b="c"',
  ],
  ['{app="x"} | regexp "(?P<a>.)" | pattern "<a> <_>" | unpack | decolorize'],
  [
    '{app="x"} | line_format "{{.a}}" | label_format a=b, c="{{.d}}" | drop a, b=~"c" | keep d, e!="f"',
    '{app="x"} | line_format "{{.a}}" | label_format a=b,c="{{.d}}" | drop a,b=~"c" | keep d,e!="f"',
  ],
  ['{app="x"} | a="b" and c!="d" or e=~"f"', '{app="x"} | ( ( a="b" , c!="d" ) or e=~"f" )'],
  ['{app="x"} | a="b", c="d" e="f"', '{app="x"} | ( a="b" , ( c="d" , e="f" ) )'],
  ['{app="x"} | (a="b" or c="d") and e>5', '{app="x"} | ( ( a="b" or c="d" ) , e>5 )'],
  ['{app="x"} | a="b" or (c="d" and e="f")', '{app="x"} | ( a="b" or ( c="d" , e="f" ) )'],
  ['{app="x"} | a>1.5 | b>=10MB | c<1h30m | d<=-5 | e==0x1f | f!=3 | g=ip("::1")'],
  ['{app="x"} | json="1" | logfmt>2'],
  ['rate({app="x"}[5m])'],
  ['rate({app="x"}[5m] |= "a" | json)', 'rate({app="x"} |= "a" | json[5m])'],
  ['rate(({app="x"} |= "a")[1h30m] offset 5m)', 'rate({app="x"} |= "a"[1h30m] offset 5m)'],
  ['rate({app="x"} [90s] offset -1m)', 'rate({app="x"}[1m30s] offset -1m)'],
  ['sum by (a,b)(rate({app="x"}[5m]))'],
  ['sum(rate({app="x"}[5m])) without (a)', 'sum without (a)(rate({app="x"}[5m]))'],
  ['sum by () (rate({app="x"} [5m]))', 'sum by ()(rate({app="x"}[5m]))'],
  ['topk(5, rate({app="x"} [5m]))', 'topk(5,rate({app="x"}[5m]))'],
  [
    'quantile_over_time(0.99, {app="x"} | unwrap duration(a) | __error__="" [5m]) by (b)',
    'quantile_over_time(0.99,{app="x"} | unwrap duration(a) | __error__=""[5m]) by (b)',
  ],
  [
    'avg_over_time({app="x"} | logfmt | unwrap bytes [1m])',
    'avg_over_time({app="x"} | logfmt | unwrap bytes[1m])',
  ],
  ['label_replace(vector(-1.5), "a", "$1", "b", "(.*)")', 'label_replace(vector(-1.5),"a","$1","b","(.*)")'],
  ["1 + 2 * 3 ^ 4 ^ 5", "(1 + (2 * (3 ^ (4 ^ 5))))"],
  ["(1 + 2) * (3 ^ 4) ^ 5", "((1 + 2) * ((3 ^ 4) ^ 5))"],
  ["1 - 2 - 3 - (4 - 5)", "(((1 - 2) - 3) - (4 - 5))"],
  ["vector(1) == 2 or vector(3)", "((vector(1) == 2) or vector(3))"],
  [
    "vector(1) and on (a) vector(2) unless ignoring (b) vector(3)",
    "((vector(1) and on (a) vector(2)) unless ignoring (b) vector(3))",
  ],
  ["vector(1) > bool on (a) group_left (b) vector(2)", "(vector(1) > bool on (a) group_left (b) vector(2))"],
  [
    "vector(1) * on (a) group_right () (vector(2) + 1)",
    "(vector(1) * on (a) group_right () (vector(2) + 1))",
  ],
  ["vector(1) * on(a) group_left sum(vector(2))", "(vector(1) * on (a) group_left () sum(vector(2)))"],
  [
    '{app="x"} | json | distinct a, b | distinct | sort by c desc, d asc, __line__',
    '{app="x"} | json | distinct a,b | distinct | sort c desc,d,__line__',
  ],
  ['{app="x"} |= "y" | context after 3 before 2', '{app="x"} |= "y" | context before 2 after 3'],
  ['{sort="x", distinct="y", before="z"} | sort="1" | desc!="2"'],
  ['SUM BY (a) (RATE({app="x"}[5m]))', 'sum by (a)(rate({app="x"}[5m]))'],
  ['{app="x"} | a="1", b="2" or c="3" and d="4"', '{app="x"} | ( a="1" , ( b="2" or ( c="3" , d="4" ) ) )'],
];

// Query, and how the message goes on after `parse error at line L, col C: `.
const BAD: readonly (readonly [string, number, number, string])[] = [
  ["", 1, 1, "syntax error: unexpected $end"],
  ["{", 1, 2, "syntax error: unexpected $end"],
  ['{app="x"', 1, 9, "syntax error: unexpected $end, expecting }"],
  ['{app="x",}', 1, 10, "syntax error: unexpected }, expecting IDENTIFIER"],
  ["{app=x}", 1, 6, "syntax error: unexpected IDENTIFIER x, expecting STRING"],
  ['{app="x"} |=', 1, 13, "syntax error: unexpected $end, expecting STRING or ip"],
  ['{app="x"}\n  |= 5', 2, 6, "syntax error: unexpected NUMBER 5, expecting STRING or ip"],
  ['{app="x"} |= "open', 1, 14, "literal not terminated"],
  ['{app="x"} |= "bad \\q"', 1, 14, 'the string "bad \\q" has an escape that is none'],
  ['{app="x"} $', 1, 11, 'unexpected character "$"'],
  ['{app="x"} }', 1, 11, "syntax error: unexpected }"],
  ["{}", 1, 1, "queries require at least one regexp or equality matcher"],
  ['{app=~".*"}', 1, 1, "queries require at least one regexp or equality matcher"],
  ['{app="x", b=~"("}', 1, 1, "error parsing regexp"],
  ['{app="x"} |~ "a{2"+', 1, 20, "syntax error: unexpected $end"],
  ['{app="x"} | a > "b"', 1, 15, "syntax error: > cannot compare a label with a string"],
  ['{app="x"} | a =~ 5', 1, 15, "syntax error: =~ cannot compare a label with a number"],
  ['{app="x"} | unwrap a', 1, 13, "unwrap may stand only in a range aggregation"],
  ['{app="x"} | regexp "a"', 1, 13, "at least one named capture must be supplied"],
  ['{app="x"} | regexp "(?P<a>.)(?P<a>.)"', 1, 13, ""],
  ['{app="x"} | label_format a=b, a=c', 1, 31, "label_format may set a only once in a stage"],
  ['rate({app="x"})', 1, 15, "syntax error: unexpected ), expecting [ (a range)"],
  ['rate({app="x"}[5m][5m])', 1, 19, ""],
  ['rate({app="x"}[0s])', 1, 1, "the range must be longer than 0"],
  ['rate({app="x"}[5])', 1, 16, "syntax error: unexpected NUMBER 5, expecting DURATION"],
  ['sum({app="x"})', 1, 5, "what sum is given must be a metric query"],
  ['{app="x"} + 1', 1, 1, "the left side of + must be a metric query"],
  ['rate({app="x"}[5m]) by (a)', 1, 1, "grouping not allowed for rate aggregation"],
  ['sum_over_time({app="x"}[5m])', 1, 1, "invalid aggregation sum_over_time without unwrap"],
  ['count_over_time({app="x"} | unwrap a [5m])', 1, 1, "invalid aggregation count_over_time with unwrap"],
  [
    'sum_over_time({app="x"} | unwrap a | json [5m])',
    1,
    38,
    "syntax error: only label filters may follow an unwrap",
  ],
  [
    'quantile_over_time({app="x"} | unwrap a [5m])',
    1,
    1,
    "parameter required for operation quantile_over_time",
  ],
  ['rate(2, {app="x"}[5m])', 1, 1, "parameter 2 not supported for operation rate"],
  ["topk(vector(1))", 1, 1, "parameter required for operation topk"],
  ["topk(0, vector(1))", 1, 1, "invalid parameter (must be greater than 0)"],
  ["sum(1, vector(1))", 1, 1, "unsupported parameter for operation sum"],
  ["sum by (a) (vector(1)) by (b)", 1, 1, "sum has a grouping before and after its expression"],
  ["sort(vector(1)) by (a)", 1, 1, "grouping not allowed for sort aggregation"],
  ["1 or vector(1)", 1, 1, "unexpected literal for a side of logical/set binary operation (or)"],
  ["vector(1) + bool vector(2)", 1, 11, "bool may stand only with comparisons, not with +"],
  ["vector(1) and on (a) group_left vector(2)", 1, 11, "no grouping allowed for the set operation (and)"],
  ['label_replace(vector(1), "a")', 1, 29, "label_replace takes an expression and 4 strings, not 1"],
  ["sum by (a) vector(1)", 1, 12, ""],
  ["foo", 1, 1, "syntax error: unexpected IDENTIFIER foo"],
  ['{app="x"} | label_format __error__="a"', 1, 26, "__error__ cannot be formatted"],
  ['{app="x"} | sort a | json', 1, 22, "only distinct and sort may follow sort"],
  ['{app="x"} | context before 1.5', 1, 13, "context takes whole numbers up to 1000"],
  ['rate({app="x"} | sort [5m])', 1, 18, "sort may stand only in a log query"],
  ["(".repeat(300), 1, 201, "the expression is nested more than 200 deep"],
  ["x".repeat(131_073), 1, 1, "the query has 131073 characters, over the limit of 131072"],
];

test.each(GOOD.map(([query, printed]) => ({ query, printed })))("$query", ({ query, printed }) => {
  const expr = parseLogQL(query);
  const text = printLogQL(expr);
  if (printed !== undefined) expect(text).toBe(printed);
  // Printing and parsing again gives the same tree, but for places.
  expect(withoutPlaces(parseLogQL(text))).toEqual(withoutPlaces(expr));
  expect(printLogQL(parseLogQL(text))).toBe(text);
});

const PRETTY: readonly (readonly [string, string])[] = [
  ['{app="x"} |= "a"', '{app="x"} |= "a"'],
  [
    'sum by (container, pod) (rate({cluster="eu-west-1", namespace="shop"} |= "error" != "timeout" | json | level="error" [5m])) / 60',
    `  sum by (container, pod)(
    rate({cluster="eu-west-1", namespace="shop"} |= "error" != "timeout" | json | level="error"[5m])
  )
/
  60`,
  ],
  [
    'quantile_over_time(0.99, {container="ingress-nginx", service="hosted-grafana"} | json | unwrap response_seconds | __error__="" [1m] offset 1h) by (cluster, pod)',
    `quantile_over_time(
  0.99,
  {container="ingress-nginx", service="hosted-grafana"} | json
    | unwrap response_seconds
    | __error__="" [1m] offset 1h
) by (cluster, pod)`,
  ],
  [
    '{cluster="eu-west-1", namespace="shop"} |= "a rather long text that is looked for" |~ "and another one" | logfmt | took>1s or code>=500',
    `{cluster="eu-west-1", namespace="shop"}
  |= "a rather long text that is looked for"
  |~ "and another one"
  | logfmt
  | ( took>1s or code>=500 )`,
  ],
];

test.each(PRETTY)("%s is split where it is too long", (query, pretty) => {
  expect(prettyLogQL(parseLogQL(query))).toBe(pretty);
  expect(withoutPlaces(parseLogQL(pretty))).toEqual(withoutPlaces(parseLogQL(query)));
});

function withoutPlaces(expr: LogExpr): unknown {
  return JSON.parse(JSON.stringify(expr, (key, value: unknown) => (key === "position" ? undefined : value)));
}

test.each(BAD)("%s fails at %i:%i", (query, line, column, text) => {
  let error: unknown;
  try {
    parseLogQL(query);
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(BinnacleError);
  const { code, position, message } = error as BinnacleError;
  expect([code, position]).toEqual(["PARSE_ERROR", { line, column }]);
  expect(message.startsWith(`parse error at line ${line}, col ${column}: ${text}`), message).toBe(true);
});
