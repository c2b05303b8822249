/**
 * This machine's own metrics under node_exporter's names, so that its dashboards and alerts work unchanged.
 *
 * Each part reads on its own: one that fails costs its own metrics and shows as node_scrape_collector_success
 * 0.
 */
import { SYSTEM_CLOCK, type Clock, type Logger } from "@binnacle/model";
import type { CollectedFamily, Collector } from "../scrape/collected.ts";
import { collectDisks } from "./disk.ts";
import { FamilyBuilder } from "./family-builder.ts";
import { FilesystemCollector } from "./filesystem.ts";
import { HostFiles } from "./host-files.ts";
import { collectOsRelease, collectTime, collectUname } from "./identity.ts";
import { collectFileDescriptors, collectKernel, collectLoad, collectPressure } from "./load.ts";
import { collectMeminfo, collectVmstat } from "./memory.ts";
import { collectNetstat, collectSockstat, collectSoftnet } from "./network-stack.ts";
import { collectNetworkCounters, collectNetworkStates } from "./network.ts";
import { StatCollector } from "./stat.ts";

export interface HostCollectorOptions {
  /** Where the host's file system is found. Default /. */
  readonly hostRoot?: string;
  /** Default `node`, as node_exporter's job is usually called. */
  readonly job?: string;
  readonly instance: string;
  /** Default 15 s. */
  readonly intervalMs?: number;
  readonly clock?: Clock;
  readonly logger: Logger;
}

type Part = (files: HostFiles, out: FamilyBuilder) => Promise<void>;

export class HostCollector implements Collector {
  readonly job: string;
  readonly instance: string;
  readonly intervalMs: number;
  readonly #files: HostFiles;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #parts: ReadonlyMap<string, Part>;
  /** Parts whose failure is in the log already: said once, until they work again. */
  readonly #failing = new Set<string>();

  constructor(options: HostCollectorOptions) {
    this.job = options.job ?? "node";
    this.instance = options.instance;
    this.intervalMs = options.intervalMs ?? 15_000;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#logger = options.logger;
    this.#files = new HostFiles(options.hostRoot ?? "/");
    const stat = new StatCollector();
    const filesystem = new FilesystemCollector();
    this.#parts = new Map<string, Part>([
      ["stat", (files, out) => stat.collect(files, out)],
      ["loadavg", collectLoad],
      ["meminfo", collectMeminfo],
      ["vmstat", collectVmstat],
      ["diskstats", collectDisks],
      ["filesystem", (files, out) => filesystem.collect(files, out)],
      ["netdev", collectNetworkCounters],
      ["netclass", collectNetworkStates],
      ["netstat", collectNetstat],
      ["sockstat", collectSockstat],
      ["softnet", collectSoftnet],
      ["pressure", collectPressure],
      ["filefd", collectFileDescriptors],
      ["kernel", collectKernel],
      ["uname", collectUname],
      ["os", collectOsRelease],
      ["time", (files, out) => collectTime(files, out, this.#clock)],
    ]);
  }

  async collect(): Promise<readonly CollectedFamily[]> {
    const out = new FamilyBuilder();
    await Promise.all([...this.#parts].map(([name, part]) => this.#run(name, part, out)));
    return out.finish();
  }

  async #run(name: string, part: Part, out: FamilyBuilder): Promise<void> {
    const startMs = this.#clock.monotonicMs();
    let success = 1;
    try {
      await part(this.#files, out);
      this.#failing.delete(name);
    } catch (error) {
      success = 0;
      if (!this.#failing.has(name)) {
        this.#failing.add(name);
        this.#logger.warn(
          { collector: name, error: String(error) },
          "a part of the host's metrics is missing",
        );
      }
    }
    const seconds = (this.#clock.monotonicMs() - startMs) / 1000;
    out.gauge("node_scrape_collector_duration_seconds", "How long a part took.", seconds, "collector", name);
    out.gauge("node_scrape_collector_success", "1 when a part worked.", success, "collector", name);
  }
}
