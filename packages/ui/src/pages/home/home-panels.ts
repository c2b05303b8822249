/** What Home asks about a node, under node_exporter's metric names. */
import type { ChartKind } from "../../charts/plot-options.ts";
import type { Unit } from "../../charts/units.ts";
import { matcher } from "../../labels/selector.ts";

export interface PanelQuery {
  readonly query: string;
  /** The series' name, or the label whose value is the name. */
  readonly name: string | { readonly label: string };
  /** Drawn downwards, as traffic out stands below traffic in. */
  readonly isMirrored?: boolean;
}

export interface HomePanel {
  readonly id: "cpu" | "memory" | "load" | "network" | "disk";
  readonly title: string;
  readonly unit: Unit;
  readonly kind: ChartKind;
  readonly queries: readonly PanelQuery[];
  /** Order and colour of the series by name; what is not listed comes after, by name. */
  readonly colors: Readonly<Record<string, string>>;
  readonly yMin?: number;
  readonly yMax?: number;
}

/** Interfaces that carry other interfaces' traffic, or none. */
const NO_VIRTUAL = 'device!~"lo|veth.*|docker.*|br-.*|cni.*|flannel.*|cali.*|tap.*"';

/** File systems that are no disk's, or another's seen through a layer. */
const NO_DISKS = "tmpfs|ramfs|overlay|squashfs|devtmpfs|iso9660|fuse.*|nsfs|autofs";

/** Series of one node; every node's where none is chosen. */
export function homePanels(instance: string | undefined, rateWindow: string): readonly HomePanel[] {
  const node = instance === undefined ? "" : matcher("instance", instance);
  const only = (...matchers: string[]): string => {
    const all = [...matchers, node].filter((one) => one !== "");
    return all.length === 0 ? "" : `{${all.join(",")}}`;
  };
  const here = only();
  return [
    {
      id: "cpu",
      title: "CPU",
      unit: "ratio",
      kind: "stacked",
      yMin: 0,
      queries: [
        {
          query: `avg by (mode) (rate(node_cpu_seconds_total${only('mode!="idle"')}[${rateWindow}]))`,
          name: { label: "mode" },
        },
      ],
      colors: {
        user: "--series-1",
        system: "--series-2",
        iowait: "--series-4",
        nice: "--series-3",
        irq: "--series-5",
        softirq: "--series-6",
        steal: "--series-7",
      },
    },
    {
      id: "memory",
      title: "Memory",
      unit: "bytes",
      kind: "stacked",
      yMin: 0,
      queries: [
        {
          query: `sum(node_memory_MemTotal_bytes${here} - node_memory_MemAvailable_bytes${here})`,
          name: "used",
        },
        {
          query: `sum(node_memory_MemAvailable_bytes${here} - node_memory_MemFree_bytes${here})`,
          name: "cache",
        },
      ],
      colors: { used: "--series-3", cache: "--series-10" },
    },
    {
      id: "load",
      title: "Load",
      unit: "number",
      kind: "lines",
      yMin: 0,
      queries: [
        { query: `sum(node_load1${here})`, name: "1 min" },
        { query: `sum(node_load5${here})`, name: "5 min" },
        { query: `sum(node_load15${here})`, name: "15 min" },
      ],
      colors: { "1 min": "--series-2", "5 min": "--series-8", "15 min": "--series-10" },
    },
    {
      id: "network",
      title: "Network",
      unit: "bytes/s",
      kind: "lines",
      queries: [
        {
          query: `sum(rate(node_network_receive_bytes_total${only(NO_VIRTUAL)}[${rateWindow}]))`,
          name: "in",
        },
        {
          query: `sum(rate(node_network_transmit_bytes_total${only(NO_VIRTUAL)}[${rateWindow}]))`,
          name: "out",
          isMirrored: true,
        },
      ],
      colors: { in: "--series-1", out: "--series-5" },
    },
    {
      id: "disk",
      title: "Disk",
      unit: "bytes/s",
      kind: "lines",
      queries: [
        { query: `sum(rate(node_disk_read_bytes_total${here}[${rateWindow}]))`, name: "read" },
        {
          query: `sum(rate(node_disk_written_bytes_total${here}[${rateWindow}]))`,
          name: "written",
          isMirrored: true,
        },
      ],
      colors: { read: "--series-3", written: "--series-9" },
    },
  ];
}

/** Instant queries whose answers stand as readings or rows. */
export function homeFacts(
  instance: string | undefined,
): Record<"nodes" | "cores" | "memory" | "boot" | "disks", string> {
  const node = instance === undefined ? "" : matcher("instance", instance);
  const here = node === "" ? "" : `{${node}}`;
  const real = `{${[`fstype!~"${NO_DISKS}"`, node].filter((one) => one !== "").join(",")}}`;
  const free = `node_filesystem_avail_bytes${real} / (node_filesystem_size_bytes${real} > 0)`;
  return {
    nodes: "node_uname_info",
    cores: `count(count by (cpu, instance) (node_cpu_seconds_total${here}))`,
    memory: `sum(node_memory_MemTotal_bytes${here})`,
    boot: `max(node_boot_time_seconds${here})`,
    disks: `max by (instance, mountpoint, device) (1 - ${free})`,
  };
}
