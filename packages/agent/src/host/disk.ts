/** /proc/diskstats: what each block device read and wrote. */
import { HOST_DEVICES_MAX } from "../limits.ts";
import { labelPairs, type FamilyBuilder } from "./family-builder.ts";
import { linesOf, toNumber, wordsIn, type HostFiles } from "./host-files.ts";

/** Partitions, RAM disks and loops: their parent or nobody counts. */
const EXCLUDED = /^(?:z?ram|loop|fd|(?:h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$/;
/** The kernel counts in sectors of 512 bytes whatever the disk has. */
const SECTOR_BYTES = 512;

interface Field {
  readonly name: string;
  readonly help: string;
  readonly kind: "counter" | "gauge";
  readonly scale: number;
}

const counter = (name: string, help: string, scale = 1): Field => ({ name, help, kind: "counter", scale });

/** The fields after major, minor and name, in the kernel's order; later ones came with later kernels. */
const FIELDS: readonly Field[] = [
  counter("reads_completed_total", "Reads completed."),
  counter("reads_merged_total", "Reads merged with another."),
  counter("read_bytes_total", "Bytes read.", SECTOR_BYTES),
  counter("read_time_seconds_total", "Seconds spent by all reads.", 0.001),
  counter("writes_completed_total", "Writes completed."),
  counter("writes_merged_total", "Writes merged with another."),
  counter("written_bytes_total", "Bytes written.", SECTOR_BYTES),
  counter("write_time_seconds_total", "Seconds spent by all writes.", 0.001),
  { name: "io_now", help: "Requests under way.", kind: "gauge", scale: 1 },
  counter("io_time_seconds_total", "Seconds in which the disk had something to do.", 0.001),
  counter("io_time_weighted_seconds_total", "Seconds of I/O, weighted by the requests under way.", 0.001),
  counter("discards_completed_total", "Discards completed."),
  counter("discards_merged_total", "Discards merged with another."),
  counter("discarded_sectors_total", "Sectors discarded."),
  counter("discard_time_seconds_total", "Seconds spent by all discards.", 0.001),
  counter("flush_requests_total", "Flushes completed."),
  counter("flush_requests_time_seconds_total", "Seconds spent by all flushes.", 0.001),
];

export async function collectDisks(files: HostFiles, out: FamilyBuilder): Promise<void> {
  const text = await files.read("/proc/diskstats");
  if (text === undefined) throw new Error("/proc/diskstats is not there");
  let devices = 0;
  for (const line of linesOf(text)) {
    const [major = "", minor = "", device = "", ...values] = wordsIn(line);
    if (device === "" || EXCLUDED.test(device)) continue;
    if (++devices > HOST_DEVICES_MAX) {
      throw new Error(`more than ${HOST_DEVICES_MAX} disks (HOST_DEVICES_MAX)`);
    }
    await collectInfo(files, out, device, major, minor);
    FIELDS.forEach((field, i) => {
      const value = toNumber(values[i]);
      const scaled = value === undefined ? undefined : value * field.scale;
      out[field.kind](`node_disk_${field.name}`, field.help, scaled, "device", device);
    });
  }
}

/** What udev knows of a disk, and whether it rotates. */
async function collectInfo(
  files: HostFiles,
  out: FamilyBuilder,
  device: string,
  major: string,
  minor: string,
): Promise<void> {
  const udev = new Map<string, string>();
  for (const line of linesOf((await files.read(`/run/udev/data/b${major}:${minor}`)) ?? "")) {
    const match = /^E:([^=]+)=(.*)$/.exec(line);
    if (match !== null) udev.set(match[1]!, match[2]!);
  }
  const get = (...names: string[]): string => names.map((name) => udev.get(name)).find(Boolean) ?? "";
  const rotational = (await files.readLine(`/sys/block/${device}/queue/rotational`)) ?? "0";
  const labels = labelPairs({
    device,
    major,
    minor,
    path: get("ID_PATH"),
    model: get("ID_MODEL"),
    revision: get("ID_REVISION"),
    serial: get("SCSI_IDENT_SERIAL", "ID_SERIAL_SHORT"),
    wwn: get("ID_WWN"),
    rotational,
  });
  out.gauge("node_disk_info", "What is known of the disk.", 1, ...labels);
}
