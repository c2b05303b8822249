/** Network: each interface's counters (/proc/net/dev) and state (/sys/class/net). */
import { HOST_DEVICES_MAX } from "../limits.ts";
import { labelPairs, type FamilyBuilder } from "./family-builder.ts";
import { linesOf, toNumber, wordsIn, type HostFiles } from "./host-files.ts";

/** Columns of /proc/net/dev: eight of receiving, eight of sending. */
const COLUMNS = [
  "receive_bytes",
  "receive_packets",
  "receive_errs",
  "receive_drop",
  "receive_fifo",
  "receive_frame",
  "receive_compressed",
  "receive_multicast",
  "transmit_bytes",
  "transmit_packets",
  "transmit_errs",
  "transmit_drop",
  "transmit_fifo",
  "transmit_colls",
  "transmit_carrier",
  "transmit_compressed",
];

/** The view of process 1 is the host's, even from a container that sees the host's proc. */
export async function collectNetworkCounters(files: HostFiles, out: FamilyBuilder): Promise<void> {
  const text = (await files.read("/proc/1/net/dev")) ?? (await files.read("/proc/net/dev"));
  if (text === undefined) throw new Error("neither /proc/1/net/dev nor /proc/net/dev is there");
  let devices = 0;
  for (const line of linesOf(text).slice(2)) {
    const colon = line.lastIndexOf(":");
    if (colon < 0) continue;
    if (++devices > HOST_DEVICES_MAX)
      throw new Error(`over ${HOST_DEVICES_MAX} interfaces (HOST_DEVICES_MAX)`);
    const device = line.slice(0, colon).trim();
    const values = wordsIn(line.slice(colon + 1));
    COLUMNS.forEach((column, i) => {
      const help = `Network device statistic ${column}.`;
      out.counter(`node_network_${column}_total`, help, toNumber(values[i]), "device", device);
    });
    const nohandler = await files.readNumber(`/sys/class/net/${device}/statistics/rx_nohandler`);
    const help = "Network device statistic receive_nohandler.";
    out.counter("node_network_receive_nohandler_total", help, nohandler, "device", device);
  }
}

/** file of /sys/class/net/<device> → metric. */
const STATES: readonly [file: string, name: string, kind: "counter" | "gauge"][] = [
  ["addr_assign_type", "address_assign_type", "gauge"],
  ["carrier", "carrier", "gauge"],
  ["carrier_changes", "carrier_changes_total", "counter"],
  ["carrier_up_count", "carrier_up_changes_total", "counter"],
  ["carrier_down_count", "carrier_down_changes_total", "counter"],
  ["dev_id", "device_id", "gauge"],
  ["dormant", "dormant", "gauge"],
  ["flags", "flags", "gauge"],
  ["ifindex", "iface_id", "gauge"],
  ["iflink", "iface_link", "gauge"],
  ["link_mode", "iface_link_mode", "gauge"],
  ["mtu", "mtu_bytes", "gauge"],
  ["name_assign_type", "name_assign_type", "gauge"],
  ["netdev_group", "net_dev_group", "gauge"],
  ["tx_queue_len", "transmit_queue_length", "gauge"],
  ["type", "protocol_type", "gauge"],
];

/** IFF_UP of the interface's flags. */
const FLAG_UP = 1;

export async function collectNetworkStates(files: HostFiles, out: FamilyBuilder): Promise<void> {
  for (const device of (await files.list("/sys/class/net")).slice(0, HOST_DEVICES_MAX)) {
    const folder = `/sys/class/net/${device}`;
    const text = async (file: string): Promise<string> => (await files.readLine(`${folder}/${file}`)) ?? "";
    const operstate = await text("operstate");
    if (operstate === "" && (await files.list(folder)).length === 0) continue;
    for (const [file, name, kind] of STATES) {
      const value = await files.readNumber(`${folder}/${file}`);
      out[kind](`node_network_${name}`, `Network device property: ${file}.`, value, "device", device);
    }
    const flags = (await files.readNumber(`${folder}/flags`)) ?? 0;
    out.gauge("node_network_up", "1 when the interface is up.", operstate === "up" ? 1 : 0, "device", device);
    const megabits = await files.readNumber(`${folder}/speed`);
    // Virtual interfaces say −1.
    const speed = megabits === undefined || megabits < 0 ? undefined : (megabits * 1_000_000) / 8;
    out.gauge("node_network_speed_bytes", "Speed of the link, in bytes a second.", speed, "device", device);
    const labels = labelPairs({
      device,
      operstate,
      address: await text("address"),
      broadcast: await text("broadcast"),
      duplex: await text("duplex"),
      ifalias: await text("ifalias"),
      adminstate: (flags & FLAG_UP) === 0 ? "down" : "up",
    });
    out.gauge("node_network_info", "What is known of the interface.", 1, ...labels);
  }
}
