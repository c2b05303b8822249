/** Load, pressure, open files, entropy: small files of proc with a number or three. */
import type { FamilyBuilder } from "./family-builder.ts";
import { linesOf, toNumber, wordsIn, type HostFiles } from "./host-files.ts";

export async function collectLoad(files: HostFiles, out: FamilyBuilder): Promise<void> {
  const words = wordsIn((await files.read("/proc/loadavg")) ?? "");
  if (words.length < 3) throw new Error("/proc/loadavg is not there or has fewer than three numbers");
  ["1", "5", "15"].forEach((minutes, i) => {
    out.gauge(`node_load${minutes}`, `Load over ${minutes} minutes.`, toNumber(words[i]));
  });
}

const PRESSURES = [
  [
    "cpu",
    "some",
    "node_pressure_cpu_waiting_seconds_total",
    "Seconds in which processes waited for a processor.",
  ],
  ["io", "some", "node_pressure_io_waiting_seconds_total", "Seconds in which processes waited for I/O."],
  ["io", "full", "node_pressure_io_stalled_seconds_total", "Seconds in which all processes waited for I/O."],
  [
    "memory",
    "some",
    "node_pressure_memory_waiting_seconds_total",
    "Seconds in which processes waited for memory.",
  ],
  [
    "memory",
    "full",
    "node_pressure_memory_stalled_seconds_total",
    "Seconds in which all processes waited for memory.",
  ],
  [
    "irq",
    "full",
    "node_pressure_irq_stalled_seconds_total",
    "Seconds in which all processes waited for interrupts.",
  ],
] as const;

/** Kernels without pressure stall information have no such files, and then no such metrics. */
export async function collectPressure(files: HostFiles, out: FamilyBuilder): Promise<void> {
  for (const [resource, level, name, help] of PRESSURES) {
    const text = (await files.read(`/proc/pressure/${resource}`)) ?? "";
    const line = linesOf(text).find((candidate) => candidate.startsWith(`${level} `));
    const micros = toNumber(/ total=(\d+)/.exec(line ?? "")?.[1]);
    out.counter(name, help, micros === undefined ? undefined : micros / 1e6);
  }
}

export async function collectFileDescriptors(files: HostFiles, out: FamilyBuilder): Promise<void> {
  const words = wordsIn((await files.read("/proc/sys/fs/file-nr")) ?? "");
  out.gauge("node_filefd_allocated", "Open files of the whole machine.", toNumber(words[0]));
  out.gauge("node_filefd_maximum", "Most open files the kernel allows.", toNumber(words[2]));
}

export async function collectKernel(files: HostFiles, out: FamilyBuilder): Promise<void> {
  const number = (path: string): Promise<number | undefined> => files.readNumber(path);
  const random = "/proc/sys/kernel/random";
  out.gauge(
    "node_entropy_available_bits",
    "Bits of entropy at hand.",
    await number(`${random}/entropy_avail`),
  );
  out.gauge(
    "node_entropy_pool_size_bits",
    "Bits the entropy pool holds.",
    await number(`${random}/poolsize`),
  );
  const conntrack = "/proc/sys/net/netfilter";
  const entries = await number(`${conntrack}/nf_conntrack_count`);
  out.gauge("node_nf_conntrack_entries", "Connections the firewall tracks.", entries);
  const limit = await number(`${conntrack}/nf_conntrack_max`);
  out.gauge("node_nf_conntrack_entries_limit", "Most connections the firewall can track.", limit);
}
