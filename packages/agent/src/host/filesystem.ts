/**
 * File systems: size and room of every mount.
 *
 * Asking a dead network mount for its size never returns and holds one of the process's few I/O threads for
 * ever. So only what is known to be local is asked freely; the others are asked one after the other, and
 * while one is stuck none of them is asked: at most one thread is ever lost.
 */
import type { StatsFs } from "node:fs";
import { statfs } from "node:fs/promises";
import { HOST_DEVICES_MAX, STATFS_TIMEOUT_MS } from "../limits.ts";
import type { FamilyBuilder } from "./family-builder.ts";
import { linesOf, type HostFiles } from "./host-files.ts";

const MOUNT_POINTS_EXCLUDED =
  /^\/(?:dev|proc|sys|run\/credentials\/.+|var\/lib\/docker\/.+|var\/lib\/containers\/storage\/.+)(?:$|\/)/;

const TYPES_EXCLUDED = new Set(
  [
    "autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs fusectl hugetlbfs iso9660 mqueue nsfs",
    "overlay proc procfs pstore rpc_pipefs securityfs selinuxfs squashfs erofs sysfs tracefs",
  ].flatMap((line) => line.split(" ")),
);

const TYPES_LOCAL = new Set(
  "btrfs exfat ext2 ext3 ext4 f2fs jfs ntfs ntfs3 ramfs tmpfs vfat xfs zfs".split(" "),
);

export interface Mount {
  readonly device: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly isReadOnly: boolean;
}

/**
 * The mounts that count, from the text of mountinfo; of several at one place the last, which hides the
 * others.
 */
export function parseMounts(text: string): Mount[] {
  const mounts = new Map<string, Mount>();
  for (const line of linesOf(text)) {
    // id parent major:minor root mountpoint options [tags…] - type device superoptions
    const dash = line.indexOf(" - ");
    if (dash < 0) continue;
    const before = line.slice(0, dash).split(" ");
    const after = line.slice(dash + 3).split(" ");
    const mountPoint = unescapeOctal(before[4] ?? "");
    const type = after[0] ?? "";
    if (mountPoint === "" || TYPES_EXCLUDED.has(type) || MOUNT_POINTS_EXCLUDED.test(mountPoint)) continue;
    const options = `${before[5] ?? ""},${after[2] ?? ""}`.split(",");
    const device = unescapeOctal(after[1] ?? "");
    mounts.set(mountPoint, { device, mountPoint, type, isReadOnly: options.includes("ro") });
  }
  return [...mounts.values()];
}

/** A space stands as \040. */
function unescapeOctal(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

export interface FilesystemOptions {
  /** Replaced in tests by one that hangs. */
  readonly statfs?: (path: string) => Promise<StatsFs>;
  readonly timeoutMs?: number;
}

export class FilesystemCollector {
  readonly #statfs: (path: string) => Promise<StatsFs>;
  readonly #timeoutMs: number;
  #stuck: Promise<unknown> | undefined;

  constructor(options: FilesystemOptions = {}) {
    this.#statfs = options.statfs ?? statfs;
    this.#timeoutMs = options.timeoutMs ?? STATFS_TIMEOUT_MS;
  }

  async collect(files: HostFiles, out: FamilyBuilder): Promise<void> {
    const text = (await files.read("/proc/1/mountinfo")) ?? (await files.read("/proc/self/mountinfo"));
    if (text === undefined) throw new Error("neither /proc/1/mountinfo nor /proc/self/mountinfo is there");
    for (const mount of parseMounts(text).slice(0, HOST_DEVICES_MAX)) {
      const sizes = await this.#sizes(files.path(mount.mountPoint), mount.type);
      report(out, mount, sizes);
    }
  }

  async #sizes(path: string, type: string): Promise<StatsFs | string> {
    const isLocal = TYPES_LOCAL.has(type);
    if (!isLocal && this.#stuck !== undefined) return "another mount is stuck";
    const asked = this.#statfs(path).catch(
      (error: unknown) => (error as NodeJS.ErrnoException).code ?? String(error),
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), this.#timeoutMs);
    });
    const answer = await Promise.race([asked, late]);
    clearTimeout(timer);
    if (answer !== undefined) return answer;
    if (!isLocal) {
      this.#stuck = asked.then(() => (this.#stuck = undefined));
    }
    return "mountpoint timeout";
  }
}

function report(out: FamilyBuilder, mount: Mount, sizes: StatsFs | string): void {
  const { device, mountPoint, type } = mount;
  const error = typeof sizes === "string" ? sizes : "";
  const labels = ["device", device, "mountpoint", mountPoint, "fstype", type, "device_error", error];
  const gauge = (name: string, help: string, value: number): void =>
    out.gauge(`node_filesystem_${name}`, help, value, ...labels);
  gauge("device_error", "1 when the file system could not be asked for its size.", error === "" ? 0 : 1);
  gauge("readonly", "1 when it is mounted read-only.", mount.isReadOnly ? 1 : 0);
  if (typeof sizes === "string") return;
  gauge("size_bytes", "Size of the file system.", sizes.blocks * sizes.bsize);
  gauge("free_bytes", "Bytes free, those kept for root included.", sizes.bfree * sizes.bsize);
  gauge("avail_bytes", "Bytes free for everybody.", sizes.bavail * sizes.bsize);
  gauge("files", "Inodes of the file system.", sizes.files);
  gauge("files_free", "Inodes that are free.", sizes.ffree);
}
