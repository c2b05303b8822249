/**
 * kill −9 in the middle of writing, sealing and merging: what was acknowledged is there after the next start,
 * and nothing is torn.
 */
import fs from "node:fs";
import { Labels } from "@binnacle/model";
import { afterAll, expect, test } from "vitest";
import { logql, promql } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { postLoki } from "../support/loki-push.ts";
import { temporaryDir, waitFor } from "../support/process.ts";
import { postWrite } from "../support/remote-write.ts";

const ROUNDS = 3;
const SENDERS = 4;
const dataDir = temporaryDir();
let binnacle: RunningBinnacle | undefined;

afterAll(async () => {
  await binnacle?.stop("SIGKILL");
  fs.rmSync(dataDir, { recursive: true, force: true });
});

/** By sender, how many samples and lines were acknowledged; values and lines count up from 0. */
interface Acknowledged {
  readonly samples: number[];
  readonly lines: number[];
}

test("every acknowledged sample and line survives", { timeout: 240_000 }, async () => {
  const acknowledged: Acknowledged = { samples: Array(SENDERS).fill(0), lines: Array(SENDERS).fill(0) };
  const startMs = Date.now() - 3_600_000;
  for (let round = 0; round < ROUNDS; round++) {
    const running = (binnacle = await startBinnacle({ mode: "serve", dataDir }));
    const before = total(acknowledged);
    const senders = Array.from({ length: SENDERS }, (_, i) => [
      sendSamples(running.url, i, acknowledged, startMs),
      sendLines(running.url, i, acknowledged, startMs),
    ]).flat();
    senders.push(compact(running.url, "tsdb"), compact(running.url, "logs"));
    await waitFor(() => total(acknowledged) > before + 200, {
      what: "200 acknowledgements",
      timeoutMs: 60_000,
    });
    expect(await running.process.stop("SIGKILL")).toBe("SIGKILL");
    await Promise.all(senders);
    binnacle = await startBinnacle({ mode: "serve", dataDir });
    await verify(binnacle.url, acknowledged, startMs);
    await binnacle.process.stop();
  }
});

function total({ samples, lines }: Acknowledged): number {
  return [...samples, ...lines].reduce((sum, count) => sum + count, 0);
}

/**
 * Writes sample after sample until the server is gone. A sample is acknowledged, or may be there, or is not.
 */
async function sendSamples(
  url: string,
  sender: number,
  acknowledged: Acknowledged,
  startMs: number,
): Promise<void> {
  const labels = Labels.fromObject({ __name__: "killed", job: "kill", instance: String(sender) });
  for (;;) {
    const count = acknowledged.samples[sender]!;
    try {
      const samples = [[startMs + count * 1000, count]] as const;
      const response = await postWrite(`${url}/api/v1/write`, [{ labels, samples }]);
      if (response.status !== 204) throw new Error(await response.text());
    } catch (error) {
      if (isGone(error)) return;
      throw error;
    }
    acknowledged.samples[sender] = count + 1;
  }
}

async function sendLines(
  url: string,
  sender: number,
  acknowledged: Acknowledged,
  startMs: number,
): Promise<void> {
  for (;;) {
    const count = acknowledged.lines[sender]!;
    try {
      const response = await postLoki(url, [
        {
          stream: { job: "kill", instance: String(sender) },
          values: [[`${startMs + count}000000`, `line ${count} of ${sender}`]],
        },
      ]);
      if (response.status !== 204) throw new Error(await response.text());
    } catch (error) {
      if (isGone(error)) return;
      throw error;
    }
    acknowledged.lines[sender] = count + 1;
  }
}

/** Seals and merges again and again, so that kills fall into that too. */
async function compact(url: string, store: "tsdb" | "logs"): Promise<void> {
  for (;;) {
    try {
      const response = await fetch(`${url}/api/v1/admin/${store}/compact`, { method: "POST" });
      if (!response.ok) throw new Error(await response.text());
    } catch (error) {
      if (isGone(error)) return;
      throw error;
    }
  }
}

/** What fetch says when the other end was killed. */
function isGone(error: unknown): boolean {
  return error instanceof TypeError;
}

async function verify(url: string, acknowledged: Acknowledged, startMs: number): Promise<void> {
  const range = Math.ceil((Date.now() - startMs) / 1000) + 60;
  const counts = await promql(url, `count_over_time(killed[${range}s])`);
  const lasts = await promql(url, `max_over_time(killed[${range}s])`);
  for (let sender = 0; sender < SENDERS; sender++) {
    const wanted = acknowledged.samples[sender]!;
    const ofSender = ({ metric }: { metric: Record<string, string> }): boolean =>
      metric.instance === String(sender);
    const count = Number(counts.find(ofSender)!.value[1]);
    expect(count, `samples of sender ${sender}`).toBeGreaterThanOrEqual(wanted);
    // At most the one that was under way when it was killed is there beside.
    expect(count).toBeLessThanOrEqual(wanted + 1);
    expect(Number(lasts.find(ofSender)!.value[1])).toBe(count - 1);

    const streams = await logql(url, `{job="kill",instance="${sender}"}`, {
      start: `${startMs - 1000}000000`,
      limit: "5000",
      direction: "forward",
    });
    const lines = streams.flatMap(({ values }) => values.map(([, line]) => line));
    const linesWanted = acknowledged.lines[sender]!;
    expect(lines.slice(0, linesWanted)).toEqual(
      Array.from({ length: linesWanted }, (_, i) => `line ${i} of ${sender}`),
    );
    expect(lines.length).toBeLessThanOrEqual(linesWanted + 1);
    // What the killed process had stored beyond its word counts from here on: the next value goes after it.
    acknowledged.samples[sender] = count;
    acknowledged.lines[sender] = lines.length;
  }
}
