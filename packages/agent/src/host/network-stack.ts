/** Network: the protocols' statistics, sockets in use, and the softnet queues. */
import type { FamilyBuilder } from "./family-builder.ts";
import { linesOf, toNumber, wordsIn, type HostFiles } from "./host-files.ts";

/** The statistics that dashboards and alerts ask for, out of several hundred. */
const NETSTAT_FIELDS = new RegExp(
  [
    "^(?:.*_(?:InErrors|InErrs)",
    "Ip_Forwarding",
    "Ip(?:6|Ext)_(?:InOctets|OutOctets)",
    "Icmp6?_(?:InMsgs|OutMsgs)",
    "TcpExt_(?:Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)",
    "Tcp_(?:ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)",
    "Udp6?_(?:InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$",
  ].join("|"),
);

const PAGE_BYTES = 4096;

async function readNet(files: HostFiles, name: string): Promise<string> {
  return (await files.read(`/proc/1/net/${name}`)) ?? (await files.read(`/proc/net/${name}`)) ?? "";
}

export async function collectNetstat(files: HostFiles, out: FamilyBuilder): Promise<void> {
  const add = (field: string, value: string | undefined): void => {
    if (!NETSTAT_FIELDS.test(field)) return;
    out.untyped(`node_netstat_${field}`, `Network statistic ${field}.`, toNumber(value));
  };
  for (const file of ["netstat", "snmp"]) {
    // Pairs of lines: `Tcp: ActiveOpens …`, then `Tcp: 3556 …`.
    const lines = linesOf(await readNet(files, file));
    for (let i = 0; i + 1 < lines.length; i += 2) {
      const names = wordsIn(lines[i]!);
      const values = wordsIn(lines[i + 1]!);
      if (names[0] !== values[0])
        throw new Error(`/proc/net/${file}: line ${i + 2} does not belong to the one before`);
      const protocol = names[0]?.replace(":", "");
      for (let field = 1; field < names.length; field++) add(`${protocol}_${names[field]}`, values[field]);
    }
  }
  for (const line of linesOf(await readNet(files, "snmp6"))) {
    const [name = "", value] = wordsIn(line);
    const six = name.indexOf("6");
    if (six > 0) add(`${name.slice(0, six + 1)}_${name.slice(six + 1)}`, value);
  }
}

export async function collectSockstat(files: HostFiles, out: FamilyBuilder): Promise<void> {
  for (const file of ["sockstat", "sockstat6"]) {
    for (const line of linesOf(await readNet(files, file))) {
      const [label = "", ...pairs] = wordsIn(line);
      const protocol = label.replace(":", "");
      for (let i = 0; i + 1 < pairs.length; i += 2) {
        const name = `${protocol}_${pairs[i]}`;
        const value = toNumber(pairs[i + 1]);
        out.gauge(`node_sockstat_${name}`, `Sockets: ${name}.`, value);
        if (pairs[i] !== "mem" || value === undefined) continue;
        out.gauge(`node_sockstat_${name}_bytes`, `Sockets: ${name}, in bytes.`, value * PAGE_BYTES);
      }
    }
  }
}

/** Column of /proc/net/softnet_stat → metric; numbers are hexadecimal. */
const SOFTNET: readonly [column: number, name: string, kind: "counter" | "gauge", help: string][] = [
  [0, "processed_total", "counter", "Packets processed."],
  [1, "dropped_total", "counter", "Packets dropped since the queue was full."],
  [2, "times_squeezed_total", "counter", "Times the work was cut off with packets left."],
  [8, "cpu_collision_total", "counter", "Collisions on a device's lock while sending."],
  [9, "received_rps_total", "counter", "Wake-ups by another processor's packets."],
  [10, "flow_limit_count_total", "counter", "Times the flow limit was reached."],
  [11, "backlog_len", "gauge", "Packets that wait."],
];

export async function collectSoftnet(files: HostFiles, out: FamilyBuilder): Promise<void> {
  linesOf(await readNet(files, "softnet_stat")).forEach((line, row) => {
    const columns = wordsIn(line).map((word) => Number.parseInt(word, 16));
    // Newer kernels say which processor a line is of: those that are off have none.
    const cpu = String(columns[12] ?? row);
    for (const [column, name, kind, help] of SOFTNET) {
      // Kernels that lack a column count nothing there.
      out[kind](`node_softnet_${name}`, help, columns[column] ?? 0, "cpu", cpu);
    }
  });
}
