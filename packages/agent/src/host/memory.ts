/** /proc/meminfo and /proc/vmstat. */
import type { FamilyBuilder } from "./family-builder.ts";
import { linesOf, toNumber, type HostFiles } from "./host-files.ts";

/** `Active(anon):  12 kB` → node_memory_Active_anon_bytes 12288; counts (HugePages_Total) keep their name. */
export async function collectMeminfo(files: HostFiles, out: FamilyBuilder): Promise<void> {
  const text = await files.read("/proc/meminfo");
  if (text === undefined) throw new Error("/proc/meminfo is not there");
  for (const line of linesOf(text)) {
    const match = /^(\S+):\s+(\d+)(?: (kB))?\s*$/.exec(line);
    if (match === null) continue;
    const field = match[1]!.replace("(", "_").replace(")", "");
    const isBytes = match[3] !== undefined;
    const name = `node_memory_${field}${isBytes ? "_bytes" : ""}`;
    const value = Number(match[2]) * (isBytes ? 1024 : 1);
    // Everything here moves both ways but one total of the past.
    out.gauge(name, `Memory: ${field} of /proc/meminfo.`, value);
  }
}

const VMSTAT_FIELDS = /^(?:oom_kill|pgpg|pswp|pg.*fault)/;

export async function collectVmstat(files: HostFiles, out: FamilyBuilder): Promise<void> {
  const text = await files.read("/proc/vmstat");
  if (text === undefined) throw new Error("/proc/vmstat is not there");
  for (const line of linesOf(text)) {
    const [field = "", value] = line.split(" ");
    if (!VMSTAT_FIELDS.test(field)) continue;
    out.untyped(`node_vmstat_${field}`, `Virtual memory: ${field} of /proc/vmstat.`, toNumber(value));
  }
}
