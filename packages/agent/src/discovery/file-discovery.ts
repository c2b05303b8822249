/**
 * file_sd_configs: target groups from files of YAML or JSON, looked at again and again.
 *
 * Polled by modification time rather than watched: files here are often mounted ConfigMaps, which change by a
 * swapped symlink that watchers miss. A file that cannot be read or understood keeps what it held before; one
 * that is gone takes its groups with it.
 */
import { readFile, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { parseYaml, formatMistake } from "@binnacle/config";
import type { Logger } from "@binnacle/model";
import {
  targetGroupsSchema,
  toTargetGroup,
  type FileDiscoveryConfig,
  type TargetGroup,
} from "../config/scrape-config.ts";
import { DISCOVERY_FILE_BYTES_MAX, FILE_DISCOVERY_POLL_MS } from "../limits.ts";
import { listMatchingFiles } from "../files/list-matching-files.ts";

interface KnownFile {
  readonly stamp: string;
  readonly groups: readonly TargetGroup[];
}

export interface FileDiscoveryOptions {
  /** What relative paths are relative to: the folder of the configuration file. */
  readonly baseDir: string;
  readonly logger: Logger;
  /** Called after `groups` has changed. */
  onChange(): void;
  /** Counts a file that could not be taken. */
  onError(): void;
}

export class FileDiscovery {
  readonly #config: FileDiscoveryConfig;
  readonly #options: FileDiscoveryOptions;
  #files = new Map<string, KnownFile>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(config: FileDiscoveryConfig, options: FileDiscoveryOptions) {
    this.#config = config;
    this.#options = options;
  }

  /** Reads the files for the first time, and from then on now and again. */
  async start(): Promise<void> {
    await this.poll();
    this.#arm();
  }

  /** Groups by the file they stand in. */
  groups(): ReadonlyMap<string, readonly TargetGroup[]> {
    return new Map([...this.#files].map(([path, file]) => [path, file.groups]));
  }

  async poll(): Promise<void> {
    const paths = new Set<string>();
    for (const pattern of this.#config.files) {
      const absolute = isAbsolute(pattern) ? pattern : join(this.#options.baseDir, pattern);
      for (const path of await listMatchingFiles(absolute)) paths.add(path);
    }
    const files = new Map<string, KnownFile>();
    let changed = paths.size !== this.#files.size;
    for (const path of [...paths].sort()) {
      const known = this.#files.get(path);
      const file = await this.#read(path, known);
      if (file !== undefined) files.set(path, file);
      if (file?.groups !== known?.groups) changed = true;
    }
    if (this.#isClosed) return;
    this.#files = files;
    if (changed) this.#options.onChange();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #arm(): void {
    if (this.#isClosed) return;
    const waitMs = Math.max(100, Math.min(this.#config.refreshIntervalMs, FILE_DISCOVERY_POLL_MS));
    this.#timer = setTimeout(() => {
      void this.poll().finally(() => this.#arm());
    }, waitMs);
    this.#timer.unref();
  }

  async #read(path: string, known: KnownFile | undefined): Promise<KnownFile | undefined> {
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const stamp = `${ino}:${mtimeMs}:${size}`;
      if (known?.stamp === stamp) return known;
      if (size > DISCOVERY_FILE_BYTES_MAX) {
        throw new Error(`${size} bytes are over DISCOVERY_FILE_BYTES_MAX (${DISCOVERY_FILE_BYTES_MAX})`);
      }
      const result = parseYaml(targetGroupsSchema, await readFile(path, "utf8"), { file: path });
      if (!result.ok) throw new Error(result.mistakes.map(formatMistake).join("; "));
      return { stamp, groups: result.value.map(toTargetGroup) };
    } catch (error) {
      // A file that vanished between listing and reading is gone, not broken.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      this.#options.onError();
      this.#options.logger.warn({ path, error: String(error) }, "a discovery file cannot be used");
      return known;
    }
  }
}
