import { join } from "node:path";
import { Labels, NO_LOGGER } from "@binnacle/model";
import { expect, test } from "vitest";
import { TestDir } from "../test-store.ts";
import { Journal } from "./journal.ts";

function openJournal(dir: TestDir): Journal {
  const facts = { labelsOf: () => Labels.EMPTY, lastTimeOf: () => Number.NEGATIVE_INFINITY };
  return new Journal({ path: join(dir.path, "00000001.mdb"), sync: "commit", facts, logger: NO_LOGGER });
}

const LONG_MS = 3_600_000;

test("a patient commit shares that of one in a hurry", async () => {
  using dir = new TestDir();
  const journal = openJournal(dir);
  journal.operations.late(1, 1000, 0, 0, 0);
  const patient = journal.commit(LONG_MS);
  journal.operations.late(1, 2000, 0, 0, 0);
  await journal.commit(0);
  await patient;
  expect(journal.pendingBytes).toBe(0);
  await journal.close();
});

test("patience has an end of its own", async () => {
  using dir = new TestDir();
  const journal = openJournal(dir);
  journal.operations.late(1, 1000, 0, 0, 0);
  await journal.commit(5);
  expect(journal.pendingBytes).toBe(0);
  await journal.close();
});

test("closing waits for nobody's patience and loses nothing", async () => {
  using dir = new TestDir();
  const journal = openJournal(dir);
  journal.operations.late(1, 1000, 0, 0, 0);
  const patient = journal.commit(LONG_MS);
  await journal.close();
  await patient;
  expect(journal.pendingBytes).toBe(0);
});

test("appends of senders that take turns side by side share a commit; one alone waits for nobody", async () => {
  using dir = new TestDir();
  const journal = openJournal(dir);
  const commitsOf = async (senders: number, rounds: number): Promise<number> => {
    const before = journal.commits;
    const sender = async (): Promise<void> => {
      for (let i = 0; i < rounds; i++) {
        journal.operations.late(1, 1000, 0, 0, 0);
        await journal.commit();
      }
    };
    await Promise.all(Array.from({ length: senders }, sender));
    return journal.commits - before;
  };
  expect(await commitsOf(1, 5)).toBe(5);
  // The first may be alone still; each further one waits for all four.
  expect(await commitsOf(4, 10)).toBeLessThan(15);
  await journal.close();
});
