import { expect, test } from "vitest";
import { Template } from "../template.ts";
import { evaluationFunctions, prometheusFunctions, sampleValue } from "./prometheus.ts";

const functions = prometheusFunctions({ externalUrl: "http://localhost:7070/path" });
const samples = [
  sampleValue(new Map([["instance", "b"]]), 2),
  sampleValue(
    new Map([
      ["instance", "a"],
      ["__value__", "a text"],
    ]),
    1,
  ),
];

function run(text: string): Promise<string> {
  const template = Template.parse(text, { functions, missingKey: "empty" });
  const evaluation = evaluationFunctions({
    query: async (expr) => (expr === "none" ? [] : samples),
    timeMs: 1500,
  });
  return template.executeAsync(undefined, { functions: evaluation });
}

// Prometheus's own answers.
test.for<[text: string, output: string]>([
  ["{{humanize 0.0}} {{humanize 1.0}} {{humanize 1234567.0}} {{humanize .12}}", "0 1 1.235M 120m"],
  ["{{humanize 1e-9}} {{humanize -12345}} {{humanize `17.5`}} {{humanize `+Inf`}}", "1n -12.35k 17.5 +Inf"],
  [
    "{{humanize1024 0}} {{humanize1024 1048576}} {{humanize1024 .12}} {{humanize1024 1536}}",
    "0 1Mi 0.12 1.5ki",
  ],
  [
    "{{humanizeDuration 0}} {{humanizeDuration 1}} {{humanizeDuration 60}} {{humanizeDuration 3600}}",
    "0s 1s 1m 0s 1h 0m 0s",
  ],
  ["{{humanizeDuration 86400}} {{humanizeDuration -93784}}", "1d 0h 0m 0s -1d 2h 3m 4s"],
  [
    "{{humanizeDuration .1}} {{humanizeDuration .0001}} {{humanizeDuration 899.99}} {{humanizeDuration 1.5}}",
    "100ms 100us 14m 59s 1.5s",
  ],
  ["{{`43200` | humanizeDuration}}", "12h 0m 0s"],
  ["{{-0.22222 | humanizePercentage}} {{0.1234567 | humanizePercentage}}", "-22.22% 12.35%"],
  ["{{1435065584.128 | humanizeTimestamp}}", "2015-06-23 13:19:44.128 +0000 UTC"],
  [
    "{{(1435065584.128 | toTime).Year}} {{(toTime 0).Format `2006-01-02T15:04:05Z07:00`}}",
    "2015 1970-01-01T00:00:00Z",
  ],
  ["{{toDuration 90.5}} {{(toDuration 90).Minutes}}", "1m30.5s 1.5"],
  ["{{parseDuration `1h30m` | printf `%v`}} {{now}}", "5400 1.5"],
  ["{{title `aa bB CC it's ßa`}} {{toUpper `aaé`}} {{toLower `ÀB`}}", "Aa BB CC It's Ssa AAÉ àb"],
  ["{{reReplaceAll `(a)b` `x$1` `ab ab`}} {{match `a+` `xaay`}} {{match `^a+$` `xaay`}}", "xa xa true false"],
  [
    "{{stripPort `host:80`}} {{stripPort `[::1]:80`}} {{stripPort `host`}} {{stripPort `1.2.3.4:5`}}",
    "host ::1 host 1.2.3.4",
  ],
  [
    "{{stripDomain `foo.bar.com:8080`}} {{stripDomain `foo.bar`}} {{stripDomain `1.2.3.4:80`}} {{stripDomain `[::1]:80`}}",
    "foo:8080 foo 1.2.3.4:80 [::1]:80",
  ],
  [
    "{{graphLink `up == 0`}} {{tableLink `up`}}",
    "/graph?g0.expr=up+%3D%3D+0&g0.tab=0 /graph?g0.expr=up&g0.tab=1",
  ],
  ["{{externalURL}} {{pathPrefix}}", "http://localhost:7070/path /path"],
  ["{{urlQueryEscape `a b/c`}} {{safeHtml `<b>`}}", "a+b%2Fc <b>"],
  ["{{define `x`}}{{.arg0}}-{{.arg1}}{{end}}{{tmpl `x` (args 1 `b`)}}", "1-b"],
  ["{{range query `up`}}{{.Labels.instance}}={{.Value}};{{end}}", "b=2;a=1;"],
  ["{{range sortByLabel `instance` (query `up`)}}{{label `instance` .}}{{value .}}{{end}}", "a1b2"],
  ["{{query `up` | first | value}} {{with query `none`}}some{{else}}none{{end}}", "2 none"],
  ["{{query `up` | sortByLabel `instance` | first | strvalue}}", "a text"],
])("%s", async ([text, output]) => {
  expect(await run(text)).toBe(output);
});

test.for<[text: string, message: string]>([
  ["{{query `none` | first}}", "first() called on vector with no elements"],
  ["{{humanize `x`}}", 'cannot read "x" as a number'],
  ["{{humanize true}}", "can't convert bool to float64"],
  ["{{reReplaceAll `(` `` ``}}", "error calling reReplaceAll"],
  ["{{parseDuration `5 m`}}", "not a valid duration"],
  ["{{toTime 1e30}}", "cannot be represented"],
  ["{{label `a` 1}}", "not a sample"],
])("%s fails", async ([text, message]) => {
  await expect(run(text)).rejects.toThrow(message);
});

test("query is refused where there is no evaluation", () => {
  expect(() => Template.parse("{{query `up`}}", { functions }).execute(undefined)).toThrow("not available");
});
