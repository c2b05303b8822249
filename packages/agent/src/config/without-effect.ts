/**
 * Keys of Prometheus's that a file may have and that have no effect yet: they are read, and named in a
 * warning.
 */
import { z } from "zod";

/** Every kind of discovery but static and file. */
const DISCOVERY_KINDS = [
  "aws",
  "azure",
  "consul",
  "digitalocean",
  "dns",
  "docker",
  "dockerswarm",
  "ec2",
  "eureka",
  "gce",
  "hetzner",
  "http",
  "ionos",
  "kubernetes",
  "kuma",
  "lightsail",
  "linode",
  "marathon",
  "nerve",
  "nomad",
  "oci",
  "openstack",
  "outscale",
  "ovhcloud",
  "puppetdb",
  "scaleway",
  "serverset",
  "stackit",
  "triton",
  "uyuni",
  "vultr",
] as const;

export const SCRAPE_KEYS_WITHOUT_EFFECT = DISCOVERY_KINDS.map((kind) => `${kind}_sd_configs` as const);

/** Keys that jobs and `global` share, are checked, and have no effect yet. */
export const SHARED_KEYS_WITHOUT_EFFECT: readonly string[] = [
  "metric_name_validation_scheme",
  "metric_name_escaping_scheme",
  "scrape_failure_log_file",
];

/** A schema's fields that take anything. */
export function withoutEffectFields<Key extends string>(
  keys: readonly Key[],
): Record<Key, z.ZodOptional<z.ZodUnknown>> {
  const fields = Object.fromEntries(keys.map((key) => [key, z.unknown().optional()]));
  return fields as Record<Key, z.ZodOptional<z.ZodUnknown>>;
}

/** Which of the given keys stand in a section of a file, for a warning at start. */
export function keysWithoutEffect(section: object, keys: readonly string[]): string[] {
  return keys.filter((key) => (section as Record<string, unknown>)[key] !== undefined);
}
