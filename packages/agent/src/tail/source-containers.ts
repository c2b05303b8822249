/** Finds containers' logs: kubelet's folders of pods, or its older folder of symlinks. */
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Labels } from "@binnacle/model";
import { listDirectory } from "../files/list-directory.ts";
import { CONTAINER_LOG_ROOTS, type FoundLog, type TailSource } from "./tail-source.ts";

type PodsSource = Extract<TailSource, { kind: "pods" }>;
type ContainersSource = Extract<TailSource, { kind: "containers" }>;

export interface PodLogPath {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly container: string;
}

/**
 * What `<namespace>_<pod>_<uid>/<container>/<n>.log` says. Names have no underscores, so the parts are plain.
 */
export function parsePodLogPath(path: string): PodLogPath | undefined {
  if (!/^\d+\.log$/.test(basename(path))) return undefined;
  const container = basename(dirname(path));
  const parts = basename(dirname(dirname(path))).split("_");
  if (parts.length !== 3 || parts.includes("") || container === "") return undefined;
  return { namespace: parts[0]!, pod: parts[1]!, uid: parts[2]!, container };
}

export async function findPodLogs(source: PodsSource): Promise<FoundLog[]> {
  const found: FoundLog[] = [];
  const roots = [source.directory, ...CONTAINER_LOG_ROOTS];
  for (const pod of await listDirectory(source.directory)) {
    for (const container of await listDirectory(join(source.directory, pod))) {
      for (const file of await listDirectory(join(source.directory, pod, container))) {
        const path = join(source.directory, pod, container, file);
        const names = parsePodLogPath(path);
        if (names !== undefined) found.push(toFoundLog(path, names, roots, source.labels));
      }
    }
  }
  return found;
}

/**
 * `<pod>_<namespace>_<container>-<id>.log`; the link's target, where it is a pod's, says the same without
 * cuts.
 */
export async function findContainerLinks(source: ContainersSource): Promise<FoundLog[]> {
  if ((await stat(source.unless).catch(() => undefined))?.isDirectory() === true) return [];
  const found: FoundLog[] = [];
  const roots = [source.directory, ...CONTAINER_LOG_ROOTS, source.unless];
  for (const file of await listDirectory(source.directory)) {
    const match = /^([^_]+)_([^_]+)_(.+)-([0-9a-f]{12,64})\.log$/.exec(file);
    if (match === null) continue;
    const path = join(source.directory, file);
    const target = await realpath(path).catch(() => path);
    const names = parsePodLogPath(target) ?? {
      pod: match[1]!,
      namespace: match[2]!,
      container: match[3]!,
      uid: "",
    };
    found.push(toFoundLog(path, names, roots, source.labels));
  }
  return found;
}

function toFoundLog(
  path: string,
  names: PodLogPath,
  roots: readonly string[],
  extra: Readonly<Record<string, string>> | undefined,
): FoundLog {
  const { namespace, pod, container, uid } = names;
  const job = `${namespace}/${container}`;
  return {
    path,
    format: "cri",
    labels: Labels.fromObject({ ...extra, namespace, pod, container, job, filename: path }),
    metadata: uid === "" ? undefined : ["uid", uid],
    roots,
  };
}
