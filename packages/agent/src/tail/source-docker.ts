/** Finds the logs of Docker's containers, and names them by what Docker keeps beside them. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Labels } from "@binnacle/model";
import { DOCKER_CONFIG_BYTES_MAX } from "../limits.ts";
import { listDirectory } from "../files/list-directory.ts";
import { CONTAINER_LOG_ROOTS, type FoundLog, type TailSource } from "./tail-source.ts";

type DockerSource = Extract<TailSource, { kind: "docker" }>;

/** Docker's labels → ours. */
const LABELS: Readonly<Record<string, string>> = {
  "com.docker.compose.project": "compose_project",
  "com.docker.compose.service": "compose_service",
  "io.kubernetes.pod.namespace": "namespace",
  "io.kubernetes.pod.name": "pod",
  "io.kubernetes.container.name": "container",
};

export class DockerLogs {
  readonly #source: DockerSource;
  /** By container, as of a modification time of its configuration. */
  readonly #labels = new Map<string, { stamp: number; labels: Readonly<Record<string, string>> }>();

  constructor(source: DockerSource) {
    this.#source = source;
  }

  async find(): Promise<FoundLog[]> {
    const { directory, labels: extra } = this.#source;
    const found: FoundLog[] = [];
    const ids = (await listDirectory(directory)).filter((name) => /^[0-9a-f]{12,64}$/.test(name));
    for (const id of ids) {
      const path = join(directory, id, `${id}-json.log`);
      if ((await stat(path).catch(() => undefined)) === undefined) continue;
      const labels = { job: "docker", ...extra, ...(await this.#labelsOf(id)), filename: path };
      found.push({
        path,
        format: "docker",
        labels: Labels.fromObject(labels),
        metadata: ["container_id", id],
        roots: [directory, ...CONTAINER_LOG_ROOTS],
      });
    }
    const alive = new Set(ids);
    for (const id of this.#labels.keys()) if (!alive.has(id)) this.#labels.delete(id);
    return found;
  }

  async #labelsOf(id: string): Promise<Readonly<Record<string, string>>> {
    const path = join(this.#source.directory, id, "config.v2.json");
    const fallback = { container: id.slice(0, 12) };
    try {
      const { mtimeMs, size } = await stat(path);
      const known = this.#labels.get(id);
      if (known?.stamp === mtimeMs) return known.labels;
      if (size > DOCKER_CONFIG_BYTES_MAX) return fallback;
      const labels = { ...fallback, ...readConfig(JSON.parse(await readFile(path, "utf8"))) };
      this.#labels.set(id, { stamp: mtimeMs, labels });
      return labels;
    } catch {
      // Docker writes the file anew now and then: the next look will find it whole.
      return this.#labels.get(id)?.labels ?? fallback;
    }
  }
}

function readConfig(config: unknown): Record<string, string> {
  const { Name: name, Config: inner } = (config ?? {}) as { Name?: unknown; Config?: { Labels?: unknown } };
  const labels: Record<string, string> = {};
  if (typeof name === "string" && name.length > 1) labels["container"] = name.replace(/^\//, "");
  const given = inner?.Labels;
  if (typeof given === "object" && given !== null) {
    for (const [from, to] of Object.entries(LABELS)) {
      const value = (given as Record<string, unknown>)[from];
      if (typeof value === "string" && value !== "") labels[to] = value;
    }
  }
  if (labels["namespace"] !== undefined) labels["job"] = `${labels["namespace"]}/${labels["container"]}`;
  return labels;
}
