import { BinnacleError } from "@binnacle/model";
import { expect, test } from "vitest";
import { Template, type TemplateOptions } from "./template.ts";
import { fn, record, suspending, type Value } from "./index.ts";

const data = record({
  Name: "node-1",
  Count: 3n,
  Ratio: 0.25,
  Zero: 0n,
  Empty: "",
  Yes: true,
  List: ["x", "y", "z"],
  None: [],
  Labels: new Map([
    ["job", "api"],
    ["instance", "a:9090"],
  ]),
  Nested: record({ Deep: record({ Value: 7n }) }),
  Text: "日本",
  Twice: fn(["string"], (text) => text + text),
});

function run(text: string, options?: TemplateOptions): string {
  return Template.parse(text, options).execute(data);
}

function errorOf(action: () => unknown): BinnacleError {
  try {
    action();
  } catch (error) {
    if (error instanceof BinnacleError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

test.for<[text: string, output: string]>([
  // Text, trimming, comments.
  ["plain", "plain"],
  ["", ""],
  ["a {{- /* note */ -}} b", "ab"],
  ["a{{/* note */}} b", "a b"],
  ["a {{- .Name -}} b", "anode-1b"],
  ["a\n\t{{- .Count }}", "a3"],
  ["{{.Count -}} \n b", "3b"],
  ["{{-3}}", "-3"],
  ["{{.Name\n}}", "node-1"],
  // Values and literals.
  ["{{.Name}} {{.Count}} {{.Ratio}} {{.Yes}}", "node-1 3 0.25 true"],
  ["{{.List}} {{.Labels}}", "[x y z] map[instance:a:9090 job:api]"],
  ["{{.Nested.Deep.Value}}", "7"],
  ["{{.Labels.job}}", "api"],
  ["{{.Labels.missing}}", "<no value>"],
  ["{{.Labels.missing.more}}", "<no value>"],
  [
    "{{1}} {{1.0}} {{1e6}} {{0x1F}} {{0b11}} {{0o17}} {{017}} {{1_000}} {{'a'}} {{.5}}",
    "1 1 1e+06 31 3 15 15 1000 97 0.5",
  ],
  ['{{"a\\tb\\u00e9\\x41\\101"}} {{`raw\\n`}}', "a\tbéAA raw\\n"],
  ['{{"\\xe2\\x82\\xac"}}', "€"],
  ["{{true}} {{print nil}}", "true <nil>"],
  // Pipelines, calls, parentheses, chains.
  ['{{"a" | printf "%s-%s" "b"}}', "b-a"],
  ['{{printf "%d" (len .List)}}', "3"],
  ["{{(index .List 1)}}", "y"],
  ["{{(.Nested).Deep.Value}}", "7"],
  ['{{.Twice "ab"}} {{"cd" | .Twice}}', "abab cdcd"],
  ["{{.Name | len | printf `%03d`}}", "006"],
  // Variables.
  ["{{$x := 1}}{{$x}}{{$x = 2}}{{$x}}", "12"],
  ["{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21"],
  ["{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2"],
  ["{{$.Name}} {{with .List}}{{$.Count}}{{end}}", "node-1 3"],
  ["{{$l := .Labels}}{{$l.job}}", "api"],
  // if, with.
  ["{{if .Zero}}a{{else if .Yes}}b{{else}}c{{end}}", "b"],
  ["{{if .Empty}}a{{else if .None}}b{{else}}c{{end}}", "c"],
  ["{{if not .Zero}}yes{{end}}", "yes"],
  ["{{with .Labels.job}}<{{.}}>{{else}}none{{end}}", "<api>"],
  ["{{with .Labels.nope}}<{{.}}>{{else}}none{{end}}", "none"],
  ["{{with .Empty}}a{{else with .Name}}{{.}}{{end}}", "node-1"],
  ["{{with $x := .Count}}{{$x}}{{end}}", "3"],
  // range.
  ["{{range .List}}{{.}},{{end}}", "x,y,z,"],
  ["{{range $e := .List}}{{$e}}{{end}}", "xyz"],
  ["{{range $i, $e := .List}}{{$i}}{{$e}} {{end}}", "0x 1y 2z "],
  ["{{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}}", "instance=a:9090;job=api;"],
  ["{{range .None}}a{{else}}empty{{end}}", "empty"],
  ["{{range .Labels.nope}}a{{else}}empty{{end}}", "empty"],
  ["{{range 3}}{{.}}{{end}}", "012"],
  ["{{range $i := 2}}{{$i}}{{end}}", "01"],
  ["{{range .List}}{{if eq . `y`}}{{break}}{{end}}{{.}}{{end}}", "x"],
  ["{{range .List}}{{if eq . `y`}}{{continue}}{{end}}{{.}}{{end}}", "xz"],
  ["{{range $i, $e := .List}}{{range $j := 1}}{{$i}}{{$e}}{{end}}{{end}}", "0x1y2z"],
  ["{{$last := ``}}{{range .List}}{{$last = .}}{{end}}{{$last}}", "z"],
  // define, template, block.
  ['{{define "t"}}<{{.}}>{{end}}{{template "t" .Count}}{{template "t"}}', "<3><<no value>>"],
  ['{{template "later" .Name}}{{define "later"}}[{{.}}]{{end}}', "[node-1]"],
  ['{{block "b" .Count}}({{.}}){{end}}{{template "b" 5}}', "(3)(5)"],
  ['{{define "t"}}{{end}}{{define "t"}}second{{end}}{{template "t"}}', "second"],
  // Functions.
  ["{{and 1 0 2}} {{and 1 2}} {{or 0 `x` 2}} {{or 0 ``}}", "0 2 x "],
  ["{{and .Zero (index .List 99)}}", "0"],
  ["{{or .Count (index .List 99)}}", "3"],
  ["{{0 | or 1}} {{2 | and 1}}", "1 2"],
  [
    "{{eq 1 1}} {{eq 1 2 3 1}} {{ne `a` `b`}} {{lt 1 2}} {{le 2 2}} {{gt 1.5 1.0}} {{ge `b` `a`}}",
    "true true true true true true true",
  ],
  ["{{eq .Labels.nope nil}} {{eq nil 1}} {{eq .Labels nil}}", "true false false"],
  ["{{len .Text}} {{len .List}} {{len .Labels}}", "6 3 2"],
  ["{{index .Labels `job`}} {{index .List 0}} {{index .Text 0}}", "api x 230"],
  ["{{slice .List 1}} {{slice .List 1 2}} {{slice .Name 0 4}} {{slice .Text 3}}", "[y z] [y] node 本"],
  ["{{print 1 2 `a` `b` 3}}|{{println `a` 1}}", "1 2ab3|a 1\n"],
  ["{{html `<a href='x'>&</a>`}}", "&lt;a href=&#39;x&#39;&gt;&amp;&lt;/a&gt;"],
  ["{{js `it's <b>\n`}}", "it\\'s \\u003Cb\\u003E\\u000A"],
  ["{{urlquery `a b&c=ü!`}}", "a+b%26c%3D%C3%BC%21"],
])("%j writes %j", ([text, output]) => {
  expect(run(text)).toBe(output);
});

test.for<[text: string, line: number, column: number, message: string]>([
  ["{{", 1, 1, "unclosed action"],
  ["a\n b{{.X", 2, 3, "unclosed action"],
  ["{{/* a", 1, 1, "unclosed comment"],
  ["{{/* a */ b}}", 1, 1, "comment ends before closing delimiter"],
  ['{{"a}}', 1, 3, "unterminated quoted string"],
  ["{{`a}}", 1, 3, "unterminated raw quoted string"],
  ["{{'ab'}}", 1, 3, "malformed character constant"],
  ['{{"\\q"}}', 1, 3, "invalid string"],
  ["{{(1}}", 1, 5, "unclosed left paren"],
  ["{{1)}}", 1, 4, "unexpected right paren"],
  ["{{3k}}", 1, 3, "bad number syntax"],
  ["{{1.2.3}}", 1, 3, "bad number syntax"],
  ["{{99999999999999999999}}", 1, 3, "bad number syntax"],
  ["{{.X!}}", 1, 5, "bad character U+0021"],
  ["{{#if}}", 1, 3, "unexpected bad character U+0023"],
  ["{{}}", 1, 3, "missing value for command"],
  ["{{if}}a{{end}}", 1, 5, "missing value for if"],
  ["{{if .X}}", 1, 10, "unexpected EOF in if"],
  ["{{end}}", 1, 1, "unexpected {{end}}"],
  ["a{{else}}", 1, 2, "unexpected {{else}}"],
  ["{{if 1}}{{else}}{{else}}{{end}}", 1, 19, "expected end; found {{else}}"],
  ["{{nope}}", 1, 3, 'function "nope" not defined'],
  ["{{constructor}}", 1, 3, 'function "constructor" not defined'],
  ["{{$x}}", 1, 3, "undefined variable $x"],
  ["{{if true}}{{$x := 1}}{{else}}{{$x}}{{end}}", 1, 33, "undefined variable $x"],
  ["{{$x = 1}}", 1, 3, "undefined variable $x"],
  ["{{$x, $y := 1}}", 1, 5, "too many declarations in command"],
  ["{{range $x, $y, $z := 1}}{{end}}", 1, 15, "too many declarations in range"],
  ["{{break}}", 1, 3, "{{break}} outside {{range}}"],
  ["{{range .}}{{define `t`}}{{end}}{{end}}", 1, 14, "unexpected {{define}}"],
  ["{{1 | 2}}", 1, 7, "non executable command in pipeline stage 2"],
  ["{{.X | }}", 1, 8, "missing value after |"],
  ["{{1.X}}", 1, 3, "bad number syntax"],
  ["{{`a`.X}}", 1, 3, "unexpected . after a constant"],
  ["{{template}}", 1, 11, 'unexpected "}}" in template clause'],
  ['{{define "t"}}a{{end}}{{define "t"}}b{{end}}', 1, 25, "multiple definition"],
  ['{{define "t"}}{{else}}{{end}}', 1, 17, "unexpected {{else}} in define clause"],
])("%j is refused at %i:%i", ([text, line, column, message]) => {
  const error = errorOf(() => Template.parse(text, { name: "t" }));
  expect(error.message).toContain(message);
  expect([error.code, error.position]).toEqual(["BAD_TEMPLATE", { line, column }]);
  expect(error.message).toMatch(new RegExp(`^template: t:${line}:${column}: `));
});

test.for<[text: string, column: number, message: string]>([
  ["{{nil}}", 3, "nil is not a command"],
  ["{{.Nope}}", 3, "can't evaluate field Nope in type struct"],
  ["{{.Name.Length}}", 3, "can't evaluate field Length in type string"],
  ["{{.Name 1}}", 3, "Name is not a method but has arguments"],
  ["{{1 2}}", 3, "can't give argument to non-function"],
  ["{{$ 2}}", 3, "can't give argument to non-function"],
  ["{{index .List 3}}", 3, "error calling index: index out of range: 3"],
  ["{{index .Count 3}}", 3, "can't index item of type int"],
  ["{{index .Labels 3}}", 3, "value has type int; should be string"],
  ["{{slice .List 2 1}}", 3, "invalid slice index: 2 > 1"],
  ["{{len 3}}", 3, "len of type int"],
  ["{{len}}", 3, "wrong number of args for len: want 1 got 0"],
  ["{{eq 1 1.0}}", 3, "incompatible types for comparison"],
  ["{{lt true false}}", 3, "invalid type for comparison"],
  ["{{eq .List .List}}", 3, "non-comparable type"],
  ["{{eq 1}}", 3, "missing argument for comparison"],
  ["{{printf 1}}", 3, "wrong type for value in call of printf; expected string; got int"],
  ["{{range .Name}}{{end}}", 9, "range can't iterate over node-1"],
  ["{{template `x`}}", 3, 'template "x" not defined'],
  ["{{define `x`}}{{template `x`}}{{end}}{{template `x`}}", 17, "deeper than 100 (CALL_DEPTH_MAX)"],
  ["{{call .Name}}", 3, "non-function of type string"],
])("%j fails at column %i", ([text, column, message]) => {
  const error = errorOf(() => run(text));
  expect(error.message).toContain(message);
  expect([error.code, error.position]).toEqual(["BAD_TEMPLATE", { line: 1, column }]);
});

test("nothing of JavaScript's prototypes can be reached", () => {
  const names = ["constructor", "__proto__", "toString", "hasOwnProperty", "length"];
  for (const name of names) {
    expect(run(`{{.Labels.${name}}}`), name).toBe("<no value>");
    expect(run(`{{index .Labels "${name}"}}`), name).toBe("<no value>");
    for (const target of [".", ".Nested", ".List", ".Name", ".Count", "$"]) {
      const path = target === "." ? `.${name}` : `${target}.${name}`;
      expect(errorOf(() => run(`{{${path}}}`)).message, path).toContain("can't evaluate field");
    }
  }
});

test("an object with a prototype is no value", () => {
  const foreign = { secret: 1 } as unknown as Value;
  expect(errorOf(() => Template.parse("{{.secret}}").execute(foreign)).message).toContain("can't evaluate");
});

test.for<[missingKey: TemplateOptions["missingKey"], output: string]>([
  ["nil", "<no value>"],
  ["empty", ""],
])("a missing key with missingKey %s", ([missingKey, output]) => {
  expect(run("{{.Labels.nope}}", { missingKey: missingKey! })).toBe(output);
  expect(run("{{index .Labels `nope`}}", { missingKey: missingKey! })).toBe(output);
});

test("a missing key is an error where that is asked for", () => {
  expect(errorOf(() => run("{{.Labels.nope}}", { missingKey: "error" })).message).toContain(
    "no entry for key",
  );
});

test.for<[text: string, options: TemplateOptions, limit: string]>([
  ["{{range 1000}}aaaaaaaaaa{{end}}", { maxOutputBytes: 100 }, "maxOutputBytes"],
  [
    "{{$x := `aaaaaaaaaa`}}{{range 60}}{{$x = print $x $x}}{{end}}",
    { maxOutputBytes: 1000 },
    "maxOutputBytes",
  ],
  ["{{range 1000000000}}{{end}}", { maxSteps: 1000 }, "maxSteps"],
])("%j stops at its limit", ([text, options, limit]) => {
  const error = errorOf(() => run(text, options));
  expect([error.code, error.message.includes(limit)]).toEqual(["LIMIT_EXCEEDED", true]);
});

test("nesting has a limit, and no text exhausts the stack", () => {
  const deep = 10_000;
  expect(errorOf(() => Template.parse("{{" + "(".repeat(deep) + ")".repeat(deep) + "}}")).message).toContain(
    "NESTING_DEPTH_MAX",
  );
  expect(errorOf(() => Template.parse("{{if 1}}".repeat(deep) + "{{end}}".repeat(deep))).message).toContain(
    "NESTING_DEPTH_MAX",
  );
});

test("places do not count the prelude", () => {
  const error = errorOf(() => Template.parse("ab{{nope}}", { prelude: "{{$x := 1}}" }));
  expect(error.position).toEqual({ line: 1, column: 5 });
});

test("functions may be replaced for one execution", () => {
  const template = Template.parse("{{now}}", { functions: { now: fn([], () => "then") } });
  expect(template.execute(undefined)).toBe("then");
  expect(template.execute(undefined, { functions: { now: fn([], () => "now") } })).toBe("now");
});

test("arguments take the type of their parameter", () => {
  const functions = { half: fn(["float"], (value) => value / 2), next: fn(["int"], (value) => value + 1n) };
  expect(run("{{half 3}} {{next 3.0}}", { functions })).toBe("1.5 4");
  expect(errorOf(() => run("{{next 3.5}}", { functions })).message).toContain("expected integer; found 3.5");
  expect(errorOf(() => run("{{half .Count}}", { functions })).message).toContain("expected float64; got int");
});

test("a function that waits is asked once for each argument", async () => {
  const asked: string[] = [];
  const query = async (text: string): Promise<Value> => {
    asked.push(text);
    await Promise.resolve();
    if (text === "bad") throw new BinnacleError("BAD_TEMPLATE", "no such thing");
    return `<${text}>`;
  };
  const template = Template.parse('{{query "a"}}{{query "b"}}{{query "a"}}', {
    functions: { query: fn(["string"], suspending(query)) },
  });
  expect(await template.executeAsync(undefined)).toBe("<a><b><a>");
  expect(asked).toEqual(["a", "b"]);

  const failing = Template.parse('{{query "bad"}}', {
    functions: { query: fn(["string"], suspending(query)) },
  });
  await expect(failing.executeAsync(undefined)).rejects.toThrow("error calling query: no such thing");
});
