/**
 * The part of a scrape configuration that says how to speak HTTP: authentication, TLS, redirects, headers.
 */
import { secret, type Secret } from "@binnacle/config";
import { z } from "zod";

const basicAuthSchema = z
  .strictObject({
    username: z.string().optional(),
    username_file: z.string().optional(),
    password: secret.optional(),
    password_file: z.string().optional(),
  })
  .superRefine((value, context) => {
    exclusive(value, ["username", "username_file"], context);
    exclusive(value, ["password", "password_file"], context);
  });

const authorizationSchema = z
  .strictObject({
    type: z.string().default("Bearer"),
    credentials: secret.optional(),
    credentials_file: z.string().optional(),
  })
  .superRefine((value, context) => {
    exclusive(value, ["credentials", "credentials_file"], context);
    if (value.type.trim().toLowerCase() === "basic") {
      const message = "a type other than Basic, for which there is basic_auth";
      context.addIssue({ code: "custom", message, path: ["type"], input: value.type });
    }
  });

const tlsConfigSchema = z.strictObject({
  ca: z.string().optional(),
  ca_file: z.string().optional(),
  cert: z.string().optional(),
  cert_file: z.string().optional(),
  key: secret.optional(),
  key_file: z.string().optional(),
  server_name: z.string().optional(),
  insecure_skip_verify: z.boolean().default(false),
  min_version: z.enum(["TLS10", "TLS11", "TLS12", "TLS13"]).optional(),
  max_version: z.enum(["TLS10", "TLS11", "TLS12", "TLS13"]).optional(),
});

const headerSchema = z.strictObject({
  values: z.array(z.string()).optional(),
  secrets: z.array(secret).optional(),
  files: z.array(z.string()).optional(),
});

export type BasicAuth = z.infer<typeof basicAuthSchema>;
export type Authorization = z.infer<typeof authorizationSchema>;
export type TlsConfig = z.infer<typeof tlsConfigSchema>;
export type HeaderConfig = z.infer<typeof headerSchema>;

/** Keys that stand directly in a scrape configuration. */
export const httpConfigFields = {
  basic_auth: basicAuthSchema.optional(),
  authorization: authorizationSchema.optional(),
  bearer_token: secret.optional(),
  bearer_token_file: z.string().optional(),
  tls_config: tlsConfigSchema.optional(),
  follow_redirects: z.boolean().default(true),
  http_headers: z.record(z.string(), headerSchema).optional(),
};

/** Prometheus's keys of this section that are read and have no effect yet. */
export const HTTP_KEYS_WITHOUT_EFFECT = [
  "oauth2",
  "enable_http2",
  "proxy_url",
  "no_proxy",
  "proxy_from_environment",
  "proxy_connect_header",
] as const;

export interface HttpConfig {
  readonly basicAuth: BasicAuth | undefined;
  readonly authorization: Authorization | undefined;
  readonly tls: TlsConfig | undefined;
  readonly followRedirects: boolean;
  readonly headers: Readonly<Record<string, HeaderConfig>>;
}

const httpFieldsSchema = z.object(httpConfigFields);

export function resolveHttpConfig(given: z.infer<typeof httpFieldsSchema>): HttpConfig {
  return {
    basicAuth: given.basic_auth,
    authorization: given.authorization ?? fromBearerToken(given.bearer_token, given.bearer_token_file),
    tls: given.tls_config,
    followRedirects: given.follow_redirects,
    headers: given.http_headers ?? {},
  };
}

/** The older spelling of `authorization`. */
function fromBearerToken(token: Secret | undefined, file: string | undefined): Authorization | undefined {
  if (token === undefined && file === undefined) return undefined;
  return {
    type: "Bearer",
    ...(token === undefined ? {} : { credentials: token }),
    ...(file === undefined ? {} : { credentials_file: file }),
  };
}

/** Of these keys at most one may be given. */
export function exclusive(value: object, keys: readonly string[], context: z.core.$RefinementCtx): void {
  const given = keys.filter((key) => (value as Record<string, unknown>)[key] !== undefined);
  if (given.length < 2) return;
  context.addIssue({
    code: "custom",
    message: `at most one of ${given.join(", ")}`,
    path: [given[1]!],
    input: value,
  });
}
