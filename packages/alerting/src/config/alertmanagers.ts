/** The section `alerting` of prometheus.yml: Alertmanagers elsewhere that are told of alerts too. */
import { durationMs } from "@binnacle/config";
import type { Labels } from "@binnacle/model";
import { z } from "zod";
import { ALERTMANAGER_TIMEOUT_MS } from "../limits.ts";
import { httpAuthFields, type HttpAuth } from "./http-auth.ts";

export interface AlertmanagerConfig {
  /** Where alerts are posted: `http://host:9093/api/v2/alerts`. */
  readonly url: string;
  readonly timeoutMs: number;
  readonly auth: HttpAuth;
  /** An alert's labels as this Alertmanager is to see them; undefined where it is not to be told. */
  readonly relabel: (labels: Labels) => Labels | undefined;
}

/** What relabelling needs: another package knows how, and gives the schema of an entry and the function. */
export interface Relabelling<Entry> {
  readonly schema: z.ZodType<Entry>;
  readonly relabel: (labels: Labels, entries: readonly Entry[]) => Labels | undefined;
}

/**
 * Keys of an entry of `alertmanagers` that are read, for a prometheus.yml to load unchanged, and do nothing.
 */
export const ALERTMANAGER_KEYS_WITHOUT_EFFECT: readonly string[] = [
  "relabel_configs",
  "oauth2",
  "tls_config",
  "follow_redirects",
  "enable_http2",
  "proxy_url",
  "proxy_from_environment",
  "no_proxy",
  "proxy_connect_header",
  "http_headers",
  "sigv4",
  "azure_sd_configs",
  "consul_sd_configs",
  "digitalocean_sd_configs",
  "dns_sd_configs",
  "docker_sd_configs",
  "dockerswarm_sd_configs",
  "ec2_sd_configs",
  "eureka_sd_configs",
  "file_sd_configs",
  "gce_sd_configs",
  "hetzner_sd_configs",
  "http_sd_configs",
  "ionos_sd_configs",
  "kubernetes_sd_configs",
  "kuma_sd_configs",
  "lightsail_sd_configs",
  "linode_sd_configs",
  "marathon_sd_configs",
  "nerve_sd_configs",
  "nomad_sd_configs",
  "openstack_sd_configs",
  "ovhcloud_sd_configs",
  "puppetdb_sd_configs",
  "scaleway_sd_configs",
  "serverset_sd_configs",
  "stackit_sd_configs",
  "triton_sd_configs",
  "uyuni_sd_configs",
  "vultr_sd_configs",
];

const withoutEffect = Object.fromEntries(
  ALERTMANAGER_KEYS_WITHOUT_EFFECT.map((key) => [key, z.unknown().optional()]),
);

const target = z
  .string()
  .refine((text) => URL.parse(`http://${text}`)?.host !== undefined && !text.includes("/"), {
    error: "HOST:PORT, for example localhost:9093",
  });

export function alertingSchema<Entry>(
  relabelling: Relabelling<Entry>,
): z.ZodType<readonly AlertmanagerConfig[]> {
  const entries = z.array(relabelling.schema).default([]);
  const alertmanager = z.strictObject({
    ...withoutEffect,
    static_configs: z
      .array(
        z.strictObject({
          targets: z.array(target).default([]),
          labels: z.record(z.string(), z.string()).optional(),
        }),
      )
      .default([]),
    scheme: z.enum(["http", "https"]).default("http"),
    path_prefix: z.string().default("/"),
    timeout: durationMs.default(ALERTMANAGER_TIMEOUT_MS),
    api_version: z.literal("v2").default("v2"),
    alert_relabel_configs: entries,
    ...httpAuthFields,
  });
  return z
    .strictObject({ alert_relabel_configs: entries, alertmanagers: z.array(alertmanager).default([]) })
    .transform((section) =>
      section.alertmanagers.flatMap((config) => {
        const { scheme, path_prefix: prefix, timeout: timeoutMs, authorization, basic_auth } = config;
        const all = [...section.alert_relabel_configs, ...config.alert_relabel_configs];
        const path = `/${prefix}/api/v2/alerts`.replace(/\/+/g, "/");
        return config.static_configs.flatMap(({ targets }) =>
          targets.map((address): AlertmanagerConfig => ({
            url: `${scheme}://${address}${path}`,
            timeoutMs,
            auth: { authorization, basic_auth },
            relabel: (labels) => relabelling.relabel(labels, all),
          })),
        );
      }),
    );
}
