/**
 * Unpacks the programs the tests compare with (Prometheus 3.x, promtool, VictoriaMetrics, Alertmanager,
 * node_exporter) from Debian's packages into a cache folder: nothing is installed, no service starts.
 * Debian's stable releases have Prometheus 2, so the packages come from unstable, over the machine's own
 * mirror and keyring, with lists of their own.
 *
 * Plain JavaScript without dependencies. `node tools/peers.mjs` prints the folder, which BINNACLE_PEERS may
 * name.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** By package of Debian's, the programs the tests start. */
const PROGRAMS = {
  prometheus: ["prometheus"],
  promtool: ["promtool"],
  "victoria-metrics": ["victoria-metrics", "vmagent"],
  "prometheus-alertmanager": ["prometheus-alertmanager", "amtool"],
  "prometheus-node-exporter": ["prometheus-node-exporter"],
};
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const MIRROR = "http://deb.debian.org/debian";
const SOURCES = "/etc/apt/sources.list.d";

/** The folder whose usr/bin holds the peers, there or not. */
export function peersFolder() {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  return resolve(process.env["BINNACLE_PEERS"] ?? join(root, ".cache/peers"));
}

/**
 * Unpacks the peers unless they are there. Throws with what is missing and what to do about it.
 * @param {(line: string) => void} say
 */
export function unpackPeers(say) {
  const folder = peersFolder();
  const missing = missingPackages(folder);
  if (missing.length === 0) return;
  if (process.platform !== "linux" || !existsSync(KEYRING)) {
    throw new Error(
      `${advice(missing, folder)}: unpacking them needs Debian, with its package debian-archive-keyring`,
    );
  }
  say(`unpacking ${missing.join(", ")} into ${folder}`);
  const work = join(folder, "work");
  rmSync(work, { recursive: true, force: true });
  for (const name of ["lists/partial", "cache/archives/partial", "debs"])
    mkdirSync(join(work, name), { recursive: true });
  writeFileSync(join(work, "sources.list"), `deb [signed-by=${KEYRING}] ${mirror()} sid main\n`);
  const options = Object.entries({
    "Dir::Etc::sourcelist": join(work, "sources.list"),
    "Dir::Etc::sourceparts": "-",
    "Dir::State::lists": join(work, "lists"),
    "Dir::Cache": join(work, "cache"),
    // The default is a user who may not write below this folder.
    "APT::Sandbox::User": "root",
  }).map(([name, value]) => `-o${name}=${value}`);
  const why = advice(missing, folder);
  run("apt-get", [...options, "-qq", "update"], work, why);
  run("apt-get", [...options, "-qq", "download", ...missing], join(work, "debs"), why);
  for (const deb of readdirSync(join(work, "debs")))
    run("dpkg", ["-x", join(work, "debs", deb), folder], work, why);
  rmSync(work, { recursive: true });
  const still = missingPackages(folder);
  if (still.length > 0)
    throw new Error(`${advice(still, folder)}: Debian's packages no longer hold these programs`);
}

/** @param {string} folder */
function missingPackages(folder) {
  return Object.entries(PROGRAMS)
    .filter(([, programs]) => !programs.every((program) => existsSync(join(folder, "usr/bin", program))))
    .map(([name]) => name);
}

/** The machine's own mirror of Debian, whichever of apt's two formats names it. */
function mirror() {
  const files = existsSync(SOURCES) ? readdirSync(SOURCES).map((name) => join(SOURCES, name)) : [];
  for (const file of ["/etc/apt/sources.list", ...files]) {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    const found = /^(?:URIs:|deb(?: \[[^\]]*\])?)\s+(\S+\/debian)\/?(?:\s|$)/m.exec(text);
    if (found !== null) return found[1];
  }
  return MIRROR;
}

/** @param {readonly string[]} missing @param {string} folder */
function advice(missing, folder) {
  const place = `${join(folder, "usr/bin")} (BINNACLE_PEERS names another folder)`;
  return `the tests need ${missing.join(", ")} under ${place}`;
}

/** @param {string} command @param {readonly string[]} args @param {string} cwd @param {string} why */
function run(command, args, cwd, why) {
  const result = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (result.status === 0) return;
  const output = `${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`.trim();
  throw new Error(`${why}: ${command} ${args.at(-1)} failed\n${output}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    unpackPeers((line) => process.stderr.write(`peers: ${line}\n`));
    process.stdout.write(`${peersFolder()}\n`);
  } catch (error) {
    process.stderr.write(`peers: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
