/**
 * The host collector against node_exporter's own fixtures where they are, and against a small machine of
 * ours.
 */
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Labels, NO_LOGGER } from "@binnacle/model";
import { ScrapeParser } from "@binnacle/wire";
import { afterAll, expect, test } from "vitest";
import type { CollectedFamily } from "../scrape/collected.ts";
import { FamilyBuilder } from "./family-builder.ts";
import { FilesystemCollector } from "./filesystem.ts";
import { HostCollector } from "./host-collector.ts";
import { HostFiles } from "./host-files.ts";
import { StatCollector } from "./stat.ts";

const fixtures = resolve(process.env["BINNACLE_SHARED"] ?? "../shared", "data/node-exporter");
const root = await mkdtemp(join(tmpdir(), "host-"));
afterAll(() => rm(root, { recursive: true }));

async function write(machine: string, path: string, text: string): Promise<void> {
  const full = join(root, machine, path);
  await mkdir(dirname(full), { recursive: true });
  await writeFile(full, text);
}

async function seriesOf(hostRoot: string): Promise<Map<string, number>> {
  const collector = new HostCollector({ hostRoot, instance: "i", logger: NO_LOGGER });
  return toSeries(await collector.collect());
}

function toSeries(families: readonly CollectedFamily[]): Map<string, number> {
  const series = new Map<string, number>();
  for (const { name, samples } of families) {
    for (const { labels, value } of samples) {
      const pairs: [string, string][] = [["__name__", name]];
      for (let i = 0; i < labels.length; i += 2) pairs.push([labels[i]!, labels[i + 1]!]);
      series.set(Labels.from(pairs).toString(), value);
    }
  }
  return series;
}

/** Unpacks an archive of text: entries `Path:`, `Lines: n` and n lines; `Directory:`; `SymlinkTo:`. */
async function unpack(archive: string, target: string): Promise<void> {
  const lines = (await readFile(archive, "utf8")).split("\n");
  let path = "";
  for (let i = 0; i < lines.length; i++) {
    const [key, value = ""] = lines[i]!.split(/: (.*)/s);
    if (key === "Path") path = join(target, value);
    if (key === "Directory") await mkdir(join(target, value), { recursive: true });
    if (key === "SymlinkTo") {
      await mkdir(dirname(path), { recursive: true });
      await symlink(value, path);
    }
    if (key !== "Lines") continue;
    const count = Number(value);
    const content = lines.slice(i + 1, i + 1 + count);
    i += count;
    // The archive marks what is not plain text; none of it is of ours.
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content.map((line) => `${line}\n`).join(""));
  }
}

/** Families whose values the machine of the fixtures does not give: clocks, versions, durations. */
const VARYING = /^(?:node_scrape_collector_|node_time_seconds|node_time_zone_offset_seconds|node_os_)/;

function nameOf(series: string): string {
  return /^[^{]*/.exec(series)![0];
}

/** Interfaces that node_exporter was told to leave out when it printed its output. */
const NOT_ASKED = /device="(?:dmz|int)"/;

// node_exporter's fixtures are shared data that the project does not contain: without them the small tree
// below stands in.
test.skipIf(!existsSync(fixtures))(
  `every series is as node_exporter prints it for its own fixtures (left out without ${fixtures})`,
  async () => {
    const machine = join(root, "fixtures");
    await cp(join(fixtures, "proc"), join(machine, "proc"), { recursive: true, verbatimSymlinks: true });
    await unpack(join(fixtures, "sys.ttar"), machine);
    const ours = await seriesOf(machine);
    const theirs = new Map<string, number>();
    const parser = new ScrapeParser();
    const parsed = parser.parse(await readFile(join(fixtures, "e2e-output.txt")), { dialect: "text" });
    const labels = new Map(parsed.newSeries.map((entry) => [entry.slot, entry.labels.toString()]));
    parsed.slots.forEach((slot, i) => theirs.set(labels.get(slot)!, parsed.values[i]!));

    const names = new Set([...ours.keys()].map(nameOf).filter((name) => !VARYING.test(name)));
    // udev's database is not among the fixtures, so what disks are called is not known; nor is what mounts
    // hold.
    for (const name of names)
      if (name === "node_disk_info" || name.startsWith("node_filesystem")) names.delete(name);
    expect(names.size).toBeGreaterThan(150);

    const differences: string[] = [];
    for (const [series, value] of theirs) {
      if (!names.has(nameOf(series))) continue;
      const found = ours.get(series);
      if (found === undefined) differences.push(`missing ${series} ${value}`);
      else if (Math.abs(found - value) > 1e-9 * Math.abs(value))
        differences.push(`${series}: ${found}, not ${value}`);
    }
    for (const series of ours.keys()) {
      if (NOT_ASKED.test(series)) continue;
      if (names.has(nameOf(series)) && !theirs.has(series)) differences.push(`not theirs: ${series}`);
    }
    expect(differences).toEqual([]);
  },
);

test("a small machine, and one that has next to nothing", async () => {
  await write(
    "small",
    "proc/stat",
    "cpu 1 2\ncpu0 100 200 300 400 500 600 700 800 90 10\nctxt 5\nbtime 1700000000\n",
  );
  await write("small", "proc/loadavg", "0.50 1.00 1.50 1/100 12\n");
  await write("small", "proc/meminfo", "MemTotal: 1000 kB\nActive(anon): 2 kB\nHugePages_Total: 3\n");
  await write("small", "proc/vmstat", "pgfault 7\nnr_free_pages 1\noom_kill 2\n");
  await write(
    "small",
    "proc/diskstats",
    "8 0 sda 1 2 3 4000 5 6 7 8000 9 10 11\n8 1 sda1 1 1 1 1 1 1 1 1 1 1 1\n",
  );
  await write("small", "proc/1/net/dev", "h\nh\n eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
  await write("small", "proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\n");
  await write("small", "proc/sys/fs/file-nr", "10 0 100\n");
  await write("small", "proc/net/snmp", "Tcp: CurrEstab InErrs\nTcp: 3 4\n");
  await write("small", "proc/net/sockstat", "sockets: used 5\nTCP: inuse 1 mem 2\n");
  await write(
    "small",
    "proc/1/mountinfo",
    "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 0 0:5 / /dev rw - devtmpfs udev rw\n",
  );
  await write("small", "etc/os-release", 'NAME="A \\"quoted\\" OS"\nID=a\nVERSION_ID="12.1"\n');
  await write("small", "sys/class/net/eth0/operstate", "up\n");
  await write("small", "sys/class/net/eth0/speed", "1000\n");
  await write("small", "sys/class/net/eth0/flags", "0x1003\n");
  const series = await seriesOf(join(root, "small"));
  const expected: Record<string, number> = {
    'node_cpu_seconds_total{cpu="0", mode="steal"}': 8,
    'node_cpu_guest_seconds_total{cpu="0", mode="nice"}': 0.1,
    node_context_switches_total: 5,
    node_boot_time_seconds: 1_700_000_000,
    node_load15: 1.5,
    node_memory_MemTotal_bytes: 1_024_000,
    node_memory_Active_anon_bytes: 2048,
    node_memory_HugePages_Total: 3,
    node_vmstat_oom_kill: 2,
    'node_disk_read_bytes_total{device="sda"}': 1536,
    'node_disk_write_time_seconds_total{device="sda"}': 8,
    'node_network_transmit_bytes_total{device="eth0"}': 9,
    'node_network_up{device="eth0"}': 1,
    'node_network_speed_bytes{device="eth0"}': 125_000_000,
    node_pressure_cpu_waiting_seconds_total: 1.5,
    node_filefd_maximum: 100,
    node_netstat_Tcp_InErrs: 4,
    node_sockstat_TCP_mem_bytes: 8192,
    'node_filesystem_readonly{device="/dev/sda1", fstype="ext4", mountpoint="/"}': 0,
    'node_os_version{id="a", name="A \\"quoted\\" OS"}': 12.1,
    'node_scrape_collector_success{collector="stat"}': 1,
  };
  for (const [name, value] of Object.entries(expected))
    expect([name, series.get(name)]).toEqual([name, value]);
  expect(
    [...series.keys()].filter((name) => /sda1"[^/]*\}|nr_free|mountpoint="\/dev"/.test(name)),
  ).toHaveLength(0);

  const empty = await seriesOf(join(root, "empty"));
  expect(empty.get('node_scrape_collector_success{collector="stat"}')).toBe(0);
  expect(empty.get('node_scrape_collector_success{collector="pressure"}')).toBe(1);
});

test("idle time never runs back by a little, and does when a processor began anew", async () => {
  const collector = new StatCollector();
  const idleAt = async (ticks: number): Promise<number | undefined> => {
    await write("idle", "proc/stat", `cpu0 1 1 1 ${ticks} 1 1 1 1 1 1\n`);
    const out = new FamilyBuilder();
    await collector.collect(new HostFiles(join(root, "idle")), out);
    return toSeries(out.finish()).get('node_cpu_seconds_total{cpu="0", mode="idle"}');
  };
  expect([await idleAt(1000), await idleAt(990), await idleAt(1010), await idleAt(200)]).toEqual([
    10, 10, 10.1, 2,
  ]);
});

test("a mount that never answers costs itself and its like, not the local ones", async () => {
  const mounts = [
    "1 0 0:1 / /dead rw - nfs4 server:/a rw",
    "2 0 0:2 / /other rw - nfs4 server:/b rw",
    "3 0 8:1 / / rw - ext4 /dev/sda1 rw",
  ];
  await write("stuck", "proc/1/mountinfo", `${mounts.join("\n")}\n`);
  const asked: string[] = [];
  const collector = new FilesystemCollector({
    timeoutMs: 20,
    statfs: (path) => {
      asked.push(path.slice(join(root, "stuck").length) || "/");
      const sizes = { type: 0, bsize: 4096, blocks: 10, bfree: 5, bavail: 4, files: 3, ffree: 2 };
      return path.endsWith("/dead") ? new Promise(() => undefined) : Promise.resolve(sizes as never);
    },
  });
  for (let round = 0; round < 2; round++) {
    const out = new FamilyBuilder();
    await collector.collect(new HostFiles(join(root, "stuck")), out);
    const errors = [...toSeries(out.finish())].filter(([name]) =>
      name.startsWith("node_filesystem_device_error"),
    );
    expect(errors.map(([, value]) => value)).toEqual([1, 1, 0]);
  }
  expect(asked).toEqual(["/dead", "/", "/"]);
});
