/**
 * The page in a real browser, on a real program: every page opens without a complaint at a desk's and a
 * telephone's width, lines move, queries draw, a tail is live, and what a log line says is text.
 *
 * UPDATE_SCREENSHOTS=1 takes the README's picture anew (docs/images).
 */
import fs from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Browser, Page } from "playwright-core";
import { ask, logql, scalar } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { launchBrowser, watchComplaints } from "../support/browser.ts";
import { repositoryRoot } from "../support/places.ts";
import { temporaryDir, waitFor } from "../support/process.ts";

const DESK = { width: 1440, height: 900 };
const TELEPHONE = { width: 390, height: 844 };

let binnacle: RunningBinnacle;
let browser: Browser;
let open: Page[] = [];
const podLogs = temporaryDir();
const podLog = path.join(podLogs, "shop_cart-7d4b9_0f3c1d2e-aaaa-bbbb-cccc-000000000001", "main", "0.log");

beforeAll(async () => {
  fs.mkdirSync(path.dirname(podLog), { recursive: true });
  say("cart service is listening");
  [binnacle, browser] = await Promise.all([
    startBinnacle({ mode: "up", flags: ["--pod-logs", podLogs] }),
    launchBrowser(),
  ]);
  await waitFor(
    async () => ((await scalar(binnacle.url, "count(rate(node_cpu_seconds_total[1m]))")) ?? 0) > 0,
    {
      what: "a rate of the host's cpu",
    },
  );
  await waitFor(async () => (await logql(binnacle.url, '{namespace="shop"}')).length > 0, {
    what: "the pod's line",
  });
});

afterEach(async () => {
  await Promise.all(open.map((page) => page.context().close()));
  open = [];
});

afterAll(async () => {
  await browser?.close();
  await binnacle?.stop();
  fs.rmSync(podLogs, { recursive: true, force: true });
});

const PAGES = [
  "/",
  "/query?g0.expr=rate(node_cpu_seconds_total[1m])&g0.tab=graph",
  "/logs",
  "/alerts",
  "/targets",
];

test.each(PAGES.flatMap((place) => [DESK, TELEPHONE].map((size) => [place, size] as const)))(
  "%s opens without a complaint at %o",
  async (place, size) => {
    const { page, complaints } = await openPage(place, size);
    await page.getByRole("navigation").first().waitFor();
    await page.waitForLoadState("networkidle");
    expect(complaints).toEqual([]);
    const overflow = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
    expect(overflow, "the page scrolls sideways").toBeLessThanOrEqual(0);
  },
);

test("on Home the readings move", async () => {
  const { page } = await openPage("/", DESK);
  const readings = page.locator(".reading-value");
  await readings.first().waitFor();
  const first = await readings.allTextContents();
  await waitFor(async () => (await readings.allTextContents()).join() !== first.join(), {
    what: "a reading to change",
  });
});

test("a query typed in Metrics draws a series a line of the legend", async () => {
  const { page } = await openPage("/query", DESK);
  await page.locator(".cm-content").first().click();
  await page.keyboard.type("node_load1");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Run" }).first().click();
  await page.locator("canvas").first().waitFor();
  await page.getByText("node_load1").first().waitFor();
});

test("a mistake in a query is shown with what the server says of it", async () => {
  const { page } = await openPage("/query?g0.expr=sum(rate(up[5m])", DESK);
  const said = await page.getByRole("alert").first().textContent();
  expect(said).toContain("parse error");
});

test("a line that is written while the tail is live appears, as text and not as markup", async () => {
  const { page, complaints } = await openPage("/logs", DESK);
  await page.getByRole("button", { name: "Live" }).click();
  await page.waitForTimeout(500);
  const hostile = `<img src=x onerror="document.title='taken'"> at ${Date.now()}`;
  say(hostile);
  await page.getByText(hostile).first().waitFor({ timeout: 10_000 });
  expect(await page.title()).not.toBe("taken");
  expect(complaints).toEqual([]);
});

test("Alerts shows the rules that come with the program, Targets what is scraped", async () => {
  const { groups } = await ask<{ groups: { rules: { name: string }[] }[] }>(`${binnacle.url}/api/v1/rules`);
  const alerts = await openPage("/alerts", DESK);
  await alerts.page.getByText(groups[0]!.rules[0]!.name).first().waitFor();
  const targets = await openPage("/targets", DESK);
  await targets.page.getByText("/metrics").first().waitFor();
});

test.runIf(process.env.UPDATE_SCREENSHOTS === "1")(
  "take the README's picture",
  { timeout: 300_000 },
  async () => {
    // The picture wants a few minutes of lines.
    await waitFor(async () => ((await scalar(binnacle.url, "count_over_time(node_load1[10m])")) ?? 0) >= 40, {
      timeoutMs: 280_000,
      what: "some minutes of samples",
    });
    const { page } = await openPage("/?range=5m", DESK);
    await page.waitForLoadState("networkidle");
    await page.waitForTimeout(1000);
    await page.screenshot({ path: path.join(repositoryRoot, "docs/images/home.png") });
  },
);

async function openPage(
  place: string,
  size: { width: number; height: number },
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: size });
  const page = await context.newPage();
  open.push(page);
  const complaints = watchComplaints(page);
  await page.goto(binnacle.url + place);
  return { page, complaints };
}

function say(text: string): void {
  fs.appendFileSync(podLog, `${new Date().toISOString()} stdout F ${text}\n`);
}
