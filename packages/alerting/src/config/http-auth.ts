/** How requests say who sends them: `authorization` and `basic_auth` of Prometheus's HTTP client settings. */
import { secret, type Secret } from "@binnacle/config";
import { z } from "zod";

export const httpAuthFields = {
  authorization: z
    .strictObject({ type: z.string().min(1).default("Bearer"), credentials: secret })
    .optional(),
  basic_auth: z.strictObject({ username: z.string(), password: secret }).optional(),
};

export interface HttpAuth {
  readonly authorization?: { readonly type: string; readonly credentials: Secret } | undefined;
  readonly basic_auth?: { readonly username: string; readonly password: Secret } | undefined;
}

/** The header, or nothing. It holds the secret in clear: not to be kept or shown. */
export function authorizationHeader(auth: HttpAuth): Record<string, string> {
  if (auth.basic_auth !== undefined) {
    const { username, password } = auth.basic_auth;
    const pair = Buffer.from(`${username}:${password.reveal()}`, "utf8").toString("base64");
    return { authorization: `Basic ${pair}` };
  }
  if (auth.authorization === undefined) return {};
  return { authorization: `${auth.authorization.type} ${auth.authorization.credentials.reveal()}` };
}
