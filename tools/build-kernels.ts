/**
 * Builds packages/kernels/build/kernels.wasm from the AssemblyScript beside it, unless it was built from the
 * same sources, options and compiler before: the hash of those is kept next to it.
 *
 * Several processes may build at once (tests run in parallel with a start): each writes a file of its own and
 * renames it.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";

const PACKAGE = join(import.meta.dirname, "../packages/kernels");
const SOURCES = join(PACKAGE, "assembly");
const WASM = join(PACKAGE, "build/kernels.wasm");
const HASH = join(PACKAGE, "build/kernels.hash");

/** No allocator and no checks: kernels work on memory that their callers lay out. */
const OPTIONS = [
  "--runtime",
  "stub",
  "--enable",
  "simd",
  "--optimizeLevel",
  "3",
  "--converge",
  "--noAssert",
  "--uncheckedBehavior",
  "always",
];

/** Whether there was something to build. Throws with the compiler's own words when the sources are wrong. */
export async function buildKernels(): Promise<boolean> {
  const hash = sourceHash();
  if (existsSync(WASM) && existsSync(HASH) && readFileSync(HASH, "utf8") === hash) return false;

  // Imported here: the compiler takes half a second to load, which a start with nothing stale does not pay.
  const { default: asc } = await import("assemblyscript/asc");
  const output = new Map<string, string | Uint8Array>();
  const stderr = asc.createMemoryStream();
  const { error } = await asc.main(["index.ts", "--outFile", "kernels.wasm", ...OPTIONS], {
    readFile: (name: string, folder: string) => {
      const path = join(SOURCES, folder, name);
      return existsSync(path) ? readFileSync(path, "utf8") : null;
    },
    writeFile: (name: string, contents: string | Uint8Array) => void output.set(name, contents),
    listFiles: (folder: string) => readdirSync(join(SOURCES, folder)),
    stderr,
  });
  const wasm = output.get("kernels.wasm");
  if (error !== null || wasm === undefined) {
    throw new Error(`the kernels do not compile:\n${String(stderr)}`, { cause: error ?? undefined });
  }

  mkdirSync(join(PACKAGE, "build"), { recursive: true });
  replaceFile(WASM, wasm);
  replaceFile(HASH, hash);
  return true;
}

function replaceFile(path: string, contents: string | Uint8Array): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, contents);
  renameSync(draft, path);
}

function sourceHash(): string {
  const hash = createHash("sha256");
  hash.update(OPTIONS.join("\0"));
  hash.update(createRequire(import.meta.url)("assemblyscript/package.json").version as string);
  for (const name of readdirSync(SOURCES).sort()) {
    hash.update(`\0${name}\0`);
    hash.update(readFileSync(join(SOURCES, name)));
  }
  return hash.digest("hex");
}

if (import.meta.main) {
  const built = await buildKernels();
  process.stdout.write(built ? "kernels built\n" : "kernels are up to date\n");
}
