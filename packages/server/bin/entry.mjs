/** What the launcher runs: the bundle where it is fresh, else the sources as they stand. */
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { freshBundle } from "./bundle.mjs";

const root = join(import.meta.dirname, "../../..");
const bundle = freshBundle(root);
// Sources take long to compile; whoever runs them has a checkout, in which this folder is nobody's concern.
if (bundle === undefined) {
  // Set for the threads to come; where a person set it, it is in use already.
  process.env["NODE_COMPILE_CACHE"] ??= join(root, "node_modules/.cache/node-compile");
  enableCompileCache(process.env["NODE_COMPILE_CACHE"]);
}
await import(bundle === undefined ? "../src/main.ts" : pathToFileURL(bundle).href);
