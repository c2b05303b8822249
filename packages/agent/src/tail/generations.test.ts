/** Which rotated files are still to be read: planGenerations, in a notation of a file a word. */
import { expect, test } from "vitest";
import { planGenerations, type Generation, type Knowledge } from "./generations.ts";

/**
 * `name@mtime` with `:born` (default mtime − 1), `=offset` for a known file of 100 bytes, `!` for one that is
 * open. The current file is called cur.
 */
function plan(files: string, lastSeenMs?: number): string {
  const knowledge = new Map<string, Knowledge>();
  const generations = files.split(" ").map((word): Generation => {
    const match = /^(\w+)@(\d+)(?::(\d+))?(?:=(\d+)|(!))?$/.exec(word)!;
    const [, id = "", mtime, born, offset, isOpen] = match;
    if (offset !== undefined) knowledge.set(id, { offset: Number(offset) });
    if (isOpen !== undefined) knowledge.set(id, "open");
    const mtimeMs = Number(mtime);
    return { id, path: id, isCurrent: id === "cur", size: 100, mtimeMs, bornMs: Number(born ?? mtimeMs - 1) };
  });
  const planned = planGenerations(generations, knowledge, lastSeenMs);
  return planned.map(({ generation, offset }) => `${generation.id}=${offset}`).join(" ");
}

test.each<[name: string, files: string, expected: string, lastSeenMs?: number]>([
  ["the first time, history is left alone", "b@10 a@20 cur@30", "cur=0"],
  ["a restart resumes", "a@20 cur@30=70", "cur=70"],
  ["a restart at the end looks at the current file again", "cur@30=100", "cur=100"],
  ["rotated while we were away: its rest, then the new one", "a@20=70 cur@30", "a=70 cur=0"],
  ["rotated when it was read to its end", "a@20=100 cur@30", "cur=0"],
  ["rotated twice: the one between is read whole", "b@10=70 a@20 cur@30", "b=70 a=0 cur=0"],
  ["older than what is known is history", "c@5 b@10=70 a@20 cur@30", "b=70 a=0 cur=0"],
  ["rotation while running", "a@20! cur@30", "cur=0"],
  ["two rotations at once while running", "b@10! a@20 cur@30", "a=0 cur=0"],
  ["the old file was written to after its rename", "a@20:19 b@25:1! cur@30", "a=0 cur=0"],
  ["a copy made by hand beside a file that is known", "bak@50:49 cur@40:1=70", "cur=70"],
  ["all known ones are gone: what changed since is read", "b@10 a@20 cur@30", "a=0 cur=0", 15],
])("%s: %s", (_name, files, expected, lastSeenMs) => {
  expect(plan(files, lastSeenMs)).toBe(expected);
});
