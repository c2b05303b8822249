/**
 * Templates of rules, written out by Binnacle and by Prometheus itself: promtool's unit tests of rules
 * compare both.
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import {
  evaluationFunctions,
  prometheusFunctions,
  record,
  sampleValue,
  Template,
} from "@binnacle/gotemplate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { peer } from "../support/places.ts";
import { temporaryDir } from "../support/process.ts";

const LABELS = new Map([
  ["instance", "a:9090"],
  ["job", "api"],
]);
const VALUE = 1_234_567.5;

/**
 * Each is an annotation of an alert on `up * 1234567.5` with the labels above; what fails is left out here.
 */
const TEMPLATES: readonly string[] = [
  "{{ $value }} {{ $labels }} {{ $labels.job }} {{ $labels.nope }}| {{ .Value }} {{ .Labels.job }}",
  "{{ $value | humanize }} {{ printf `%.2f` $value }} {{ $value | printf `%.0f` }}",
  '{{ printf `%v %d %s %q` 1 2 `a` `b"c` }}',
  "{{ printf `%5d|%-5d|%05d|%+d|% d|%x|%-010d|` 42 42 42 42 -3 -255 42 }}",
  "{{ printf `%x %X %#x %o %O %#o %b %#b %c %U %q` 255 255 255 8 8 8 5 5 65 128512 65 }}",
  "{{ printf `%8.3f|%-8.1f|%06.1f|% .1f|%+.3g|%08.3e|%.f` 3.14159 2.25 -1.25 1.25 12.345 12.345 2.5 }}",
  "{{ printf `%e %.1e %g %.3g %G %v %v` 123456.0 123456.0 1e21 1234.5678 1e-7 1000000.0 100000.0 }}",
  "{{ printf `%.4d|%6.4d|%.0d|` 42 42 0 }} {{ printf `%t %10v|%3c|%-3c|` true true 65 65 }}",
  "{{ printf `%x|% x|%X|%#x|%.1x` `hi` `hi` `hi` `hi` `hi` }} {{ printf `%q %+q %#q` `日` `日` `p` }}",
  "{{ printf `%5s|%.2s|%-4s|%05s|` `日本` `日本語` `a` `ab` }} {{ printf `%T %T %T` 1 1.5 `a` }}",
  "{{ printf `%d` `hi` }} {{ printf `%s` 5 }} {{ printf `%d %d` 1 }} {{ printf `%d` 1 `x` 2 }} {{ printf `%` }}",
  "{{ printf `%[3]d` 1 }} {{ printf `%[2]d %[1]d` 1 2 }} {{ printf `%*d|%.*f` 4 7 2 1.239 }} {{ printf `%z` 1 }} {{ printf `%!` }}",
  "{{ printf `%v` nil }} {{ printf `%[x]d` 1 }} {{ printf `%t` `a` }} {{ printf `%d%%` 5 }} {{ printf `%+v %#v` `a` `a` }}",
  "{{ printf `%v %s %q` $labels $labels $labels }} {{ printf `%d` $labels }}",
  "{{ print 1 2 `a` `b` 3 }}|{{ println `a` 1 }}|{{ print 1e100 }} {{ print 0.1 }} {{ print -0.0 }} {{ print nil }}",
  "{{ html `<a href='x'>&\"` }} {{ js `it's <b>=&` }} {{ urlquery `a b&c=ü!*'()~` }}",
  "{{ 1 }} {{ 1.0 }} {{ 1e6 }} {{ 0x1F }} {{ 017 }} {{ 1_000 }} {{ 'a' }} {{ .5 }} {{ 1e20 }} {{ 123456789.0 }} {{ -3 }} {{-3}}",
  "{{ and 1 0 2 }} {{ or 0 `x` }} {{ not 0 }} {{ and 1 nil }} {{ 0 | or 1 }}",
  "{{ len `日本` }} {{ index `日` 0 }} {{ slice `日本` 3 }} {{ index $labels `job` }} {{ index $labels `zz` }}|",
  "{{ eq 1 1 }} {{ eq 1 2 1 }} {{ lt 1.5 2.5 }} {{ ge `b` `a` }} {{ gt $value 1.0 }} {{ eq nil nil }} {{ eq $labels nil }} {{ eq 1 nil }}",
  "{{ range $k, $v := $labels }}{{ $k }}={{ $v }};{{ end }} {{ range 3 }}{{ . }}{{ end }}",
  "{{ range $i, $e := args 1 2 }}{{ $i }}{{ $e }}{{ end }} {{ args 1 `b` }}",
  "{{ with $labels.job }}{{ . }}{{ end }} {{ with $x := 5 }}{{ $x }}{{ end }} {{ with $labels.x }}a{{ else with 7 }}{{ . }}{{ end }}",
  "{{ if $labels.nope }}a{{ else if true }}b{{ end }} {{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}",
  "{{ range $i := args 1 2 3 }}{{ if eq $i 2 }}{{ continue }}{{ end }}{{ $i }}{{ end }} {{ range 9 }}{{ if eq . 3 }}{{ break }}{{ end }}{{ . }}{{ end }}",
  "{{ define `x` }}[{{ . }}]{{ end }}{{ template `x` 5 }}{{ template `x` }} {{ block `y` 4 }}({{ . }}){{ end }}",
  'a  {{- /* note */ -}}  b {{ `raw\\n` }} {{ "a\\tb\\u00e9\\x41\\101\\xe2\\x82\\xac" }}',
  "{{ range $i, $e := query `up` }}{{ $i }}{{ $e.Value }}{{ $e.Labels.job }}{{ end }} {{ query `up` | first }}",
  "{{ query `up` | first | value }} {{ query `up` | first | label `job` }} {{ strvalue (first (query `up`)) }}| {{ sortByLabel `job` (query `up`) | len }}",
  "{{ humanize 0.0 }} {{ humanize 1234567.0 }} {{ humanize .12 }} {{ humanize 1e-9 }} {{ humanize -12345 }} {{ humanize `17.5` }} {{ humanize `+Inf` }}",
  "{{ humanize1024 0 }} {{ humanize1024 1048576 }} {{ humanize1024 1536 }} {{ 0.1234567 | humanizePercentage }}",
  "{{ humanizeDuration 0 }} {{ humanizeDuration -93784 }} {{ humanizeDuration .0001 }} {{ humanizeDuration 899.99 }} {{ humanizeDuration 1.5 }} {{ humanizeDuration -0.5 }} {{ humanizeDuration `43200` }}",
  "{{ 1435065584.128 | humanizeTimestamp }} {{ (1435065584.128 | toTime).Year }} {{ toTime 0 }}",
  "{{ (toTime 0).Format `Mon Jan 2 15:04:05.000 2006 MST -0700 PM 03 .999` }} {{ (toTime 1e9).Weekday }} {{ (toTime 1e9).Month }} {{ (toTime 1e9).YearDay }} {{ (toTime 1e9).Unix }}",
  "{{ parseDuration `1h30m` }} {{ title `aa bB CC it's o-x 日本 ßa x_y` }} {{ toUpper `aaé` }} {{ toLower `ÀB` }}",
  '{{ reReplaceAll `(a)b` `x$1` `ab ab` }} {{ match `a+` `xaay` }} {{ graphLink `up == 0` }} {{ tableLink `up{a="b"}` }}',
  "{{ stripPort `host:80` }} {{ stripPort `[::1]:80` }} {{ stripPort `host` }} {{ stripPort `::1` }} {{ stripPort `[::1]` }} {{ stripPort `a:b:c` }}",
  "{{ stripDomain `foo.bar.com:8080` }} {{ stripDomain `foo.bar` }} {{ stripDomain `1.2.3.4:80` }} {{ stripDomain `[::1]:80` }} {{ stripDomain `1.2.3.4` }} {{ stripDomain `::1` }}",
];

const PRELUDE = "{{$labels := .Labels}}{{$value := .Value}}";
const dir = temporaryDir();
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

function writeOut(text: string): Promise<string> {
  const functions = prometheusFunctions({ externalUrl: "" });
  const template = Template.parse(text, { prelude: PRELUDE, functions, missingKey: "empty" });
  const up = sampleValue(new Map([["__name__", "up"], ...LABELS]), 1);
  const evaluation = evaluationFunctions({ query: async () => [up], timeMs: 60_000 });
  return template.executeAsync(record({ Labels: LABELS, Value: VALUE }), { functions: evaluation });
}

/** What promtool says of all templates at once: each is an alert of its own, which its complaint names. */
let complaints: string;
const outputs: string[] = [];
beforeAll(async () => {
  for (const text of TEMPLATES) outputs.push(await writeOut(text));
  const rules = TEMPLATES.map((text, i) => ({
    alert: `Template${i}`,
    expr: `up * ${VALUE}`,
    annotations: { text },
  }));
  const expected = outputs.map((text, i) => ({
    eval_time: "1m",
    alertname: `Template${i}`,
    exp_alerts: [{ exp_labels: Object.fromEntries(LABELS), exp_annotations: { text } }],
  }));
  const series = [{ series: 'up{instance="a:9090",job="api"}', values: "1 1" }];
  const tests = {
    rule_files: ["rules.yml"],
    tests: [{ interval: "1m", input_series: series, alert_rule_test: expected }],
  };
  // JSON is YAML.
  fs.writeFileSync(path.join(dir, "rules.yml"), JSON.stringify({ groups: [{ name: "g", rules }] }));
  fs.writeFileSync(path.join(dir, "test.yml"), JSON.stringify(tests));
  const { status, stdout, stderr } = spawnSync(peer("promtool"), ["test", "rules", "test.yml"], {
    cwd: dir,
    encoding: "utf8",
  });
  complaints = status === 0 ? "" : stdout + stderr;
});

test("promtool has looked at the templates", () => {
  expect(complaints).not.toMatch(/error|not defined|cannot|unmarshal/i);
});

test.for(TEMPLATES.map((text, i) => [text, i] as const))("%s", ([, i]) => {
  const complaint = complaints
    .split(/(?=alertname: )/)
    .find((part) => part.startsWith(`alertname: Template${i},`));
  expect(complaint, `Binnacle writes ${JSON.stringify(outputs[i])}`).toBeUndefined();
});
