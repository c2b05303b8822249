/** /proc/stat: processor time by mode, and the kernel's counters of switches, forks and interrupts. */
import type { FamilyBuilder } from "./family-builder.ts";
import { linesOf, toNumber, wordsIn, type HostFiles } from "./host-files.ts";

/** The unit of processor time that the kernel shows to programs: USER_HZ, 100 on every Linux of today. */
const TICKS_PER_SECOND = 100;

const MODES = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];

/**
 * Modes the kernel lets run backwards by a little: the highest value seen stands until it is passed again.
 */
const MAY_RUN_BACK = new Set(["idle", "iowait"]);
/** A processor that was switched off and on begins anew: a fall this deep is taken as it is. */
const RESTART_SECONDS = 3;

const SINGLES: readonly [key: string, name: string, help: string, kind: "counter" | "gauge"][] = [
  ["intr", "node_intr_total", "Interrupts serviced.", "counter"],
  ["ctxt", "node_context_switches_total", "Context switches.", "counter"],
  ["processes", "node_forks_total", "Forks.", "counter"],
  ["btime", "node_boot_time_seconds", "When the machine was started, in Unix time.", "gauge"],
  ["procs_running", "node_procs_running", "Processes that can run.", "gauge"],
  ["procs_blocked", "node_procs_blocked", "Processes that wait for input or output.", "gauge"],
];

export class StatCollector {
  readonly #highest = new Map<string, number>();

  async collect(files: HostFiles, out: FamilyBuilder): Promise<void> {
    const text = await files.read("/proc/stat");
    if (text === undefined) throw new Error("/proc/stat is not there");
    for (const line of linesOf(text)) {
      const words = wordsIn(line);
      const key = words[0] ?? "";
      if (/^cpu\d+$/.test(key)) this.#cpu(key.slice(3), words, out);
      const single = SINGLES.find(([name]) => name === key);
      if (single === undefined) continue;
      const [, name, help, kind] = single;
      out[kind](name, help, toNumber(words[1]));
    }
  }

  #cpu(cpu: string, words: readonly string[], out: FamilyBuilder): void {
    const seconds = (field: number): number | undefined => {
      const ticks = toNumber(words[field]);
      return ticks === undefined ? undefined : ticks / TICKS_PER_SECOND;
    };
    const help = "Seconds the processor spent in each mode.";
    MODES.forEach((mode, i) => {
      const value = this.#neverBack(cpu, mode, seconds(i + 1));
      out.counter("node_cpu_seconds_total", help, value, "cpu", cpu, "mode", mode);
    });
    const guestHelp = "Seconds the processor ran guests (virtual machines).";
    out.counter("node_cpu_guest_seconds_total", guestHelp, seconds(9), "cpu", cpu, "mode", "user");
    out.counter("node_cpu_guest_seconds_total", guestHelp, seconds(10), "cpu", cpu, "mode", "nice");
  }

  #neverBack(cpu: string, mode: string, value: number | undefined): number | undefined {
    if (value === undefined || !MAY_RUN_BACK.has(mode)) return value;
    const key = `${cpu} ${mode}`;
    const highest = this.#highest.get(key) ?? value;
    const kept = value < highest && highest - value < RESTART_SECONDS ? highest : value;
    this.#highest.set(key, kept);
    return kept;
  }
}
