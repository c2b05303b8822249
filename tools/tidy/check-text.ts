/**
 * What every file must keep to, whatever it says: width, size, headers, titles, and words that do not belong.
 */
import type { Finding, Tree } from "./tree.ts";

const COLUMNS_MAX = 110;
const BYTES_MAX = 256 * 1024;
const CODE = /\.(?:ts|tsx|mts|mjs)$/;
const TEXT = /\.(?:ts|tsx|mts|mjs|css|html|md|json|ya?ml|txt|sh)$|\/[^./]+$/;

export function checkWidth(tree: Tree): Finding[] {
  return forLines(tree, CODE, (line) => {
    const columns = line.length;
    // Code is the formatter's, which leaves long only what it cannot break; comments are nobody's but ours.
    const isComment = /^\s*(?:\/\*|\*|\/\/)/.test(line);
    if (columns <= COLUMNS_MAX || !isComment || /https?:\/\/\S{60,}/.test(line)) return undefined;
    return { what: `a line of ${columns} columns`, use: `at most ${COLUMNS_MAX}` };
  });
}

/**
 * Promises of later work belong where work is planned. The letters are apart: this file keeps its own rule.
 */
const PROMISE = /\b(?:T[O]DO|F[I]XME|X[X]X)\b/;

export function checkPromises(tree: Tree): Finding[] {
  return forLines(tree, CODE, (line) => {
    const found = PROMISE.exec(line);
    return found === null
      ? undefined
      : { what: `a ${found[0]}`, use: "the code itself, or an entry where work is planned" };
  });
}

/** Every source but indexes and tests begins by saying what it is. */
export function checkHeaders(tree: Tree): Finding[] {
  return tree.paths
    .filter((path) => /^packages\/[^/]+\/src\/.*\.tsx?$/.test(path))
    .filter((path) => !/(?:^|\/)index\.tsx?$|\.(?:test|fuzz|bench)\.tsx?$|\.d\.ts$/.test(path))
    .filter((path) => !tree.read(path).startsWith("/**"))
    .map((path) => ({
      path,
      line: 1,
      what: "no header",
      use: "a /** comment */ on top that says what this is and why",
    }));
}

export function checkTitles(tree: Tree): Finding[] {
  return tree.paths
    .filter((path) => path.endsWith(".md"))
    .flatMap((path) => {
      const titles = titleLines(tree.read(path));
      if (titles.length === 1) return [];
      const what = titles.length === 0 ? "a page without a title" : "a second title";
      return [{ path, line: titles[1] ?? 1, what, use: "one line that begins `# `, on top" }];
    });
}

/** Lines that begin `# ` outside of fenced code. */
function titleLines(text: string): number[] {
  let isFenced = false;
  const titles: number[] = [];
  text.split("\n").forEach((line, i) => {
    if (/^\s*(?:```|~~~)/.test(line)) isFenced = !isFenced;
    else if (!isFenced && line.startsWith("# ")) titles.push(i + 1);
  });
  return titles;
}

export function checkSizes(tree: Tree): Finding[] {
  return tree.paths
    .filter((path) => path !== "package-lock.json" && tree.bytes(path) > BYTES_MAX)
    .map((path) => ({
      path,
      line: 1,
      what: `a file of ${Math.ceil(tree.bytes(path) / 1024)} KiB`,
      use: `at most ${BYTES_MAX / 1024} KiB`,
    }));
}

/** Paths that exist on one developer's machine only. `own`: the checkout's, and what lies beside it. */
export function checkMachinePaths(tree: Tree, own: readonly string[] = []): Finding[] {
  const homes = /(?<![\w.])\/(?:home|Users)\/(?!user\b|app\b|runner\b|node\b)[a-z][\w-]*\//i;
  return forLines(tree, TEXT, (line) => {
    const found = own.find((path) => line.includes(path)) ?? homes.exec(line)?.[0];
    return found === undefined
      ? undefined
      : {
          what: `a path of one machine: ${found}`,
          use: "a path relative to the checkout, or an environment variable",
        };
  });
}

function forLines(
  tree: Tree,
  pattern: RegExp,
  judge: (line: string) => { what: string; use: string } | undefined,
): Finding[] {
  const findings: Finding[] = [];
  for (const path of tree.paths) {
    if (!pattern.test(path) || path === "package-lock.json") continue;
    tree
      .read(path)
      .split("\n")
      .forEach((text, i) => {
        const verdict = judge(text);
        if (verdict !== undefined) findings.push({ path, line: i + 1, ...verdict });
      });
  }
  return findings;
}
