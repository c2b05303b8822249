/** Who and when: the kernel's name, the distribution's, the clock. */
import { arch } from "node:os";
import type { Clock } from "@binnacle/model";
import { labelPairs, type FamilyBuilder } from "./family-builder.ts";
import { linesOf, type HostFiles } from "./host-files.ts";

/** Node's names of processors → what `uname -m` says. */
const MACHINES: Record<string, string> = { x64: "x86_64", arm64: "aarch64", ia32: "i686", arm: "armv7l" };

export async function collectUname(files: HostFiles, out: FamilyBuilder): Promise<void> {
  const kernel = async (name: string): Promise<string> =>
    (await files.readLine(`/proc/sys/kernel/${name}`)) ?? "";
  const release = await kernel("osrelease");
  if (release === "") return;
  const labels = labelPairs({
    sysname: await kernel("ostype"),
    release,
    version: await kernel("version"),
    machine: MACHINES[arch()] ?? arch(),
    nodename: await kernel("hostname"),
    domainname: await kernel("domainname"),
  });
  out.gauge("node_uname_info", "What the kernel calls itself.", 1, ...labels);
}

const OS_FIELDS = [
  "build_id",
  "id",
  "id_like",
  "image_id",
  "image_version",
  "name",
  "pretty_name",
  "variant",
  "variant_id",
  "version",
  "version_codename",
  "version_id",
];

export async function collectOsRelease(files: HostFiles, out: FamilyBuilder): Promise<void> {
  const text = (await files.read("/etc/os-release")) ?? (await files.read("/usr/lib/os-release"));
  if (text === undefined) return;
  const fields = parseOsRelease(text);
  const labels = OS_FIELDS.flatMap((field) => [field, fields.get(field.toUpperCase()) ?? ""]);
  out.gauge("node_os_info", "The distribution, as /etc/os-release names it.", 1, ...labels);
  const version = /^\d+(?:\.\d+)?/.exec(fields.get("VERSION_ID") ?? fields.get("VERSION") ?? "")?.[0];
  if (version === undefined) return;
  const identity = ["id", "id_like", "name"].flatMap((field) => [
    field,
    fields.get(field.toUpperCase()) ?? "",
  ]);
  out.gauge("node_os_version", "Major and minor version of the distribution.", Number(version), ...identity);
}

/** `NAME="Debian GNU/Linux"`: shell assignments, quotes and their backslashes taken off. */
function parseOsRelease(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of linesOf(text)) {
    const match = /^([A-Z0-9_]+)=(.*)$/.exec(line.trim());
    if (match === null) continue;
    const quoted = /^"(.*)"$|^'(.*)'$/.exec(match[2]!);
    fields.set(match[1]!, (quoted?.[1] ?? quoted?.[2] ?? match[2]!).replace(/\\(.)/g, "$1"));
  }
  return fields;
}

export async function collectTime(files: HostFiles, out: FamilyBuilder, clock: Clock): Promise<void> {
  const nowMs = clock.nowMs();
  out.gauge("node_time_seconds", "The machine's clock, in Unix time.", nowMs / 1000);
  const zone = -new Date(nowMs).getTimezoneOffset() * 60;
  out.gauge(
    "node_time_zone_offset_seconds",
    "Seconds local time is ahead of UTC.",
    zone,
    "time_zone",
    zoneName(nowMs),
  );
  const root = "/sys/devices/system/clocksource";
  for (const name of await files.list(root)) {
    const device = /^clocksource(\d+)$/.exec(name)?.[1];
    if (device === undefined) continue;
    const available = (await files.readLine(`${root}/${name}/available_clocksource`)) ?? "";
    for (const source of available.split(" ").filter(Boolean)) {
      const help = "A clock source the kernel could use.";
      out.gauge("node_time_clocksource_available_info", help, 1, "device", device, "clocksource", source);
    }
    const current = await files.readLine(`${root}/${name}/current_clocksource`);
    if (current === undefined || current === "") continue;
    const help = "The clock source the kernel uses.";
    out.gauge("node_time_clocksource_current_info", help, 1, "device", device, "clocksource", current);
  }
}

function zoneName(nowMs: number): string {
  const parts = new Intl.DateTimeFormat("en", { timeZoneName: "short" }).formatToParts(nowMs);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "UTC";
}
