/**
 * Makes a checkout ready to run: installs packages (the pinned Node among them), then builds the kernels, the
 * page and the server's bundle, each only when stale. With --test also what the tests need beside: Chromium
 * and the peers.
 *
 * Plain JavaScript without dependencies: it runs on the machine's own Node, from 20 on, before anything is
 * installed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { freshBundle } from "../packages/server/bin/bundle.mjs";
import { isFresh, markFresh, ROOT } from "./freshness.mjs";

const NODE_MAJOR_MIN = 20;

if (Number(process.versions.node.split(".")[0]) < NODE_MAJOR_MIN) {
  fail(
    `Node ${process.versions.node} is too old: Node ${NODE_MAJOR_MIN} or newer is needed to install the pinned one`,
  );
}
if (!isFresh("packages")) install();
/** @type {string[]} */
const stale = /** @type {const} */ (["kernels", "ui"]).filter((part) => !isFresh(part));
if (freshBundle(ROOT) === undefined) stale.push("server");
if (stale.length > 0) build(stale);
if (process.argv.includes("--test")) {
  installChromium();
  const { unpackPeers } = await import("./peers.mjs");
  try {
    unpackPeers(say);
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}

function install() {
  if (matchesInstalled()) {
    markFresh("packages");
    return;
  }
  say("installing packages (npm ci)");
  const result = run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (result.status !== 0) {
    const isOutOfSync = /in sync|EUSAGE/.test(result.output);
    if (isOutOfSync)
      say("package-lock.json does not agree with package.json: run npm install and commit the lock");
    fail(`npm ci failed\n${result.output}`);
  }
  markFresh("packages");
}

/** Whether node_modules already holds what the lock names, as after an npm install by hand. */
function matchesInstalled() {
  const hidden = join(ROOT, "node_modules/.package-lock.json");
  if (!existsSync(hidden)) return false;
  const wanted = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(hidden, "utf8")).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes("node_modules/")) return agreesWithManifest(path, entry);
    // A package of our own is a link, which has no version: it is there or not.
    if (entry.link === true) return existsSync(join(ROOT, path));
    return entry.optional === true || entry.peer === true || installed[path]?.version === entry.version;
  });
}

/** A workspace's entry in the lock must say what its package.json says. */
function agreesWithManifest(/** @type {string} */ path, /** @type {Record<string, unknown>} */ entry) {
  const manifest = join(ROOT, path, "package.json");
  if (!existsSync(manifest)) return false;
  const actual = JSON.parse(readFileSync(manifest, "utf8"));
  return ["dependencies", "devDependencies", "optionalDependencies"].every(
    (kind) => sortedJson(actual[kind]) === sortedJson(entry[kind]),
  );
}

function sortedJson(/** @type {unknown} */ record) {
  return JSON.stringify(
    Object.fromEntries(Object.entries(record ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))),
  );
}

function build(/** @type {readonly string[]} */ parts) {
  say(`building ${parts.join(", ")}`);
  const result = run(pinnedNode(), [join(ROOT, "tools/build.ts"), ...parts]);
  if (result.status !== 0) fail(`the build failed\n${result.output}`);
}

function pinnedNode() {
  const path = join(ROOT, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  if (existsSync(path)) return path;
  // A platform without a package of the pinned Node: the machine's own has to do.
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  return fail(
    `there is no pinned Node for ${process.platform}-${process.arch}: start this with Node 24 or newer`,
  );
}

function installChromium() {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const isInstalled = folders.some((folder) => existsSync(join(folder, "chromium")));
  if (isInstalled || process.env["BINNACLE_CHROMIUM"] !== undefined) return;
  const advice = "install Debian's package chromium, or name a browser in BINNACLE_CHROMIUM";
  if (process.getuid?.() !== 0 || run("apt-get", ["--version"]).status !== 0) {
    fail(`the browser tests need Chromium, and only root may install it: ${advice}`);
  }
  say("installing chromium (apt-get)");
  const update = run("apt-get", ["-qq", "update"]);
  const added = run("apt-get", ["-qq", "install", "--yes", "--no-install-recommends", "chromium"]);
  if (added.status !== 0) fail(`apt-get install chromium failed: ${advice}\n${update.output}${added.output}`);
}

/** Runs a command to its end, quietly: what it printed is shown only if it fails. */
function run(/** @type {string} */ command, /** @type {readonly string[]} */ args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const bytesMax = 64 * 1024 * 1024;
  const result = spawnSync(command, args, { cwd: ROOT, env, encoding: "utf8", maxBuffer: bytesMax });
  const output = `${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`;
  return { status: result.status, output };
}

function say(/** @type {string} */ line) {
  process.stderr.write(`setup: ${line}\n`);
}

/** @returns {never} */
function fail(/** @type {string} */ message) {
  say(message);
  process.exit(1);
}
