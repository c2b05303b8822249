/** The list `syslog`: where syslog is listened for, and what is made of it. */
import path from "node:path";
import { byteSize, durationMs, labelSet } from "@binnacle/config";
import { Labels } from "@binnacle/model";
import { z } from "zod";
import type { ListenAddress } from "../cli/listen-address.ts";
import {
  SYSLOG_CONNECTIONS_MAX_DEFAULT,
  SYSLOG_IDLE_TIMEOUT_DEFAULT_MS,
  SYSLOG_MESSAGE_BYTES_MAX_DEFAULT,
} from "../limits.ts";
import { listenAddress } from "./listen-address-piece.ts";

export interface SyslogConfig {
  readonly listen: ListenAddress;
  readonly protocol: "tcp" | "udp";
  /** Beside hostname, app_name and facility; these names win. */
  readonly labels: Labels;
  /** Whether a line has the message's time, or that of its arrival. */
  readonly usesMessageTime: boolean;
  /** Whether dates without a zone are UTC's, or else this machine's. */
  readonly isUtc: boolean;
  readonly messageBytesMax: number;
  readonly connectionsMax: number;
  readonly idleTimeoutMs: number;
  /** Files of PEM. */
  readonly tls: SyslogTlsConfig | undefined;
}

export interface SyslogTlsConfig {
  readonly certFile: string;
  readonly keyFile: string;
  /** Senders must have a certificate of this authority; undefined: they need none. */
  readonly clientCaFile: string | undefined;
}

const listenerSchema = z
  .strictObject({
    listen: listenAddress,
    protocol: z.enum(["tcp", "udp"]).default("tcp"),
    labels: labelSet.optional(),
    use_incoming_timestamp: z.boolean().default(true),
    timezone: z.enum(["local", "utc"]).default("local"),
    message_bytes_max: byteSize
      .refine((bytes) => bytes > 0 && bytes <= 1024 * 1024, { error: "a size over 0, up to 1MiB" })
      .default(SYSLOG_MESSAGE_BYTES_MAX_DEFAULT),
    connections_max: z.int().min(1).default(SYSLOG_CONNECTIONS_MAX_DEFAULT),
    idle_timeout: durationMs.default(SYSLOG_IDLE_TIMEOUT_DEFAULT_MS),
    tls: z
      .strictObject({
        cert_file: z.string().min(1),
        key_file: z.string().min(1),
        client_ca_file: z.string().min(1).optional(),
      })
      .optional(),
  })
  .superRefine((value, context) => {
    if (value.tls === undefined || value.protocol === "tcp") return;
    context.addIssue({
      code: "custom",
      message: "protocol: tcp, without which there is no TLS",
      path: ["tls"],
    });
  });

export const syslogSchema = z.array(listenerSchema).default([]);

export function resolveSyslog(given: z.output<typeof syslogSchema>, folder: string): SyslogConfig[] {
  return given.map((listener) => ({
    listen: listener.listen,
    protocol: listener.protocol,
    labels: listener.labels ?? Labels.fromObject({ job: "syslog" }),
    usesMessageTime: listener.use_incoming_timestamp,
    isUtc: listener.timezone === "utc",
    messageBytesMax: listener.message_bytes_max,
    connectionsMax: listener.connections_max,
    idleTimeoutMs: listener.idle_timeout,
    tls:
      listener.tls === undefined
        ? undefined
        : {
            certFile: path.resolve(folder, listener.tls.cert_file),
            keyFile: path.resolve(folder, listener.tls.key_file),
            clientCaFile:
              listener.tls.client_ca_file === undefined
                ? undefined
                : path.resolve(folder, listener.tls.client_ca_file),
          },
  }));
}
