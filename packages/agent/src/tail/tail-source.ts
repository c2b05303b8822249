/** Where log files are looked for, and what each kind of place says of its files. */
import type { Labels, LineMetadata } from "@binnacle/model";

export type TailSource =
  /** kubelet's /var/log/pods: `<namespace>_<pod>_<uid>/<container>/<n>.log`, in the runtimes' format. */
  | { readonly kind: "pods"; readonly directory: string; readonly labels?: Readonly<Record<string, string>> }
  /**
   * /var/log/containers: symlinks to the same files. Not looked at while `unless`, the pods' folder, is
   * there.
   */
  | {
      readonly kind: "containers";
      readonly directory: string;
      readonly unless: string;
      readonly labels?: Readonly<Record<string, string>>;
    }
  /** /var/lib/docker/containers: `<id>/<id>-json.log`, with config.v2.json beside it. */
  | {
      readonly kind: "docker";
      readonly directory: string;
      readonly labels?: Readonly<Record<string, string>>;
    }
  /** Plain files, by paths in which any part may have stars. */
  | {
      readonly kind: "files";
      readonly paths: readonly string[];
      /** Files that are left out though `paths` names them; stars as there. */
      readonly exclude?: readonly string[];
      readonly job: string;
      readonly labels?: Readonly<Record<string, string>>;
      /** Default: "local". */
      readonly syslogDates?: SyslogDates;
    };

/**
 * Of which zone a line's date is, `Oct 11 22:14:15`, with which a line of classic syslog begins; off: it is
 * text.
 */
export type SyslogDates = "local" | "utc" | "off";

export type LogFormat = "cri" | "docker" | "plain";

/** A log that a source found. */
export interface FoundLog {
  readonly path: string;
  readonly format: LogFormat;
  /** Without `stream`, which a line brings. */
  readonly labels: Labels;
  readonly metadata: LineMetadata | undefined;
  /** Of plain files. Default: "local". */
  readonly syslogDates?: SyslogDates;
  /** A symlink's target must lie below one of these. */
  readonly roots: readonly string[];
}

/** Where container logs may really lie, whatever points at them. */
export const CONTAINER_LOG_ROOTS: readonly string[] = [
  "/var/log/pods",
  "/var/lib/docker/containers",
  "/var/data/docker/containers",
];
