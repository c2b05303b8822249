/** Rules of PromQL whose expressions ask the logs: recorded, alerting, mixed with metrics, and wrong ones. */
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { postLoki } from "../support/loki-push.ts";
import { temporaryDir } from "../support/process.ts";

let binnacle: RunningBinnacle;
const dir = temporaryDir();

const RULES = `groups:
  - name: shop
    interval: 300ms
    rules:
      - record: app:failed:count5m
        expr: sum by (app) (logs(count_over_time({app=~".+"} |= "failed" [5m])))
      - record: app:failed_pattern:count5m
        expr: sum by (app) (logs(count_over_time({app="shop"} |> "order <_> failed" [5m])))
      - record: app:doubled:count5m
        expr: app:failed:count5m + on (app) sum by (app) (logs(count_over_time({app="shop"} |= "failed" [5m])))
      - record: app:wrong
        expr: logs(rate({app="shop"} | json | unwrap [5m]))
      - alert: OrdersFail
        expr: logs(sum by (app) (count_over_time({app="shop"} |= "failed" [5m]))) > 2
        annotations: {summary: "{{ $labels.app }}: {{ $value }} orders failed"}
`;

beforeAll(async () => {
  fs.writeFileSync(path.join(dir, "shop.yml"), RULES);
  const config = `rule_files: ["${dir}/*.yml"]\nbinnacle: {default_rules: false}\n`;
  binnacle = await startBinnacle({ config });
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  const lines = [1, 2, 3, 4].map((i) => [
    String(nowNs + BigInt(i)),
    `order ${i} ${i === 4 ? "paid" : "failed"}`,
  ]);
  await postLoki(binnacle.url, [{ stream: { app: "shop" }, values: lines as [string, string][] }]);
});
afterAll(async () => {
  await binnacle?.stop();
  fs.rmSync(dir, { recursive: true, force: true });
});

async function get<T>(place: string): Promise<T> {
  return ((await (await fetch(binnacle.url + place)).json()) as { data: T }).data;
}

async function valueOf(query: string): Promise<unknown> {
  const place = `/api/v1/query?query=${encodeURIComponent(query)}`;
  const { result } = await get<{ result: { metric: object; value: [number, string] }[] }>(place);
  return result.map(({ metric, value }) => [metric, value[1]]);
}

test.each([
  ["app:failed:count5m", "3"],
  ["app:failed_pattern:count5m", "3"],
  ["app:doubled:count5m", "6"],
])("%s is recorded", async (name, value) => {
  await expect
    .poll(() => valueOf(name), { timeout: 20_000 })
    .toEqual([[{ __name__: name, app: "shop" }, value]]);
});

test("an alert fires on lines", async () => {
  await expect
    .poll(() => get("/api/v1/alerts"), { timeout: 20_000 })
    .toMatchObject({
      alerts: [
        {
          labels: { alertname: "OrdersFail", app: "shop" },
          annotations: { summary: "shop: 3 orders failed" },
          state: "firing",
        },
      ],
    });
});

test("a rule whose LogQL is wrong says so, and the others go on", async () => {
  interface Rule {
    readonly name: string;
    readonly health: string;
    readonly lastError?: string;
  }
  const rules = async (): Promise<Rule[]> => {
    const { groups } = await get<{ groups: { rules: Rule[] }[] }>("/api/v1/rules");
    return groups.flatMap((group) => group.rules);
  };
  await expect
    .poll(async () => (await rules()).map(({ name, health }) => `${name} ${health}`), { timeout: 20_000 })
    .toEqual([
      "app:failed:count5m ok",
      "app:failed_pattern:count5m ok",
      "app:doubled:count5m ok",
      "app:wrong err",
      "OrdersFail ok",
    ]);
  expect((await rules())[3]?.lastError).toContain("unexpected");
});
