/** One request to the server, and what its answer means for what was sent. */
import { request, type Agent } from "undici";
import { FORWARD_TIMEOUT_MS, REFUSAL_TEXT_BYTES_MAX } from "../limits.ts";

export type PostOutcome =
  | { readonly kind: "accepted"; readonly rejected: number }
  /** Bad as it is: sending it again would change nothing. */
  | { readonly kind: "refused"; readonly reason: string }
  /** The server, or the way to it, cannot now. */
  | { readonly kind: "later"; readonly reason: string; readonly waitMs: number | undefined };

export interface PostOptions {
  readonly url: string;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: Agent;
  readonly signal: AbortSignal;
}

/**
 * Statuses that say: this content is bad. Others (no such path, no permission) are mistakes that people mend.
 */
const REFUSALS = new Set([400, 409, 413, 422]);

export async function post({ url, body, headers, agent, signal }: PostOptions): Promise<PostOutcome> {
  try {
    const response = await request(url, {
      method: "POST",
      body,
      headers: { ...headers, "content-type": "application/x-protobuf", "user-agent": "Binnacle" },
      dispatcher: agent,
      signal,
      headersTimeout: FORWARD_TIMEOUT_MS,
      bodyTimeout: FORWARD_TIMEOUT_MS,
    });
    const text = await readText(response.body);
    const status = response.statusCode;
    if (status >= 200 && status < 300) return { kind: "accepted", rejected: 0 };
    const reason = `${status} ${text}`.trim();
    if (REFUSALS.has(status)) {
      const rejected = rejectedCount(response.headers["x-binnacle-rejected"]);
      return rejected === undefined ? { kind: "refused", reason } : { kind: "accepted", rejected };
    }
    return { kind: "later", reason, waitMs: retryAfterMs(response.headers["retry-after"]) };
  } catch (error) {
    const reason = error instanceof Error && error.message !== "" ? error.message : String(error);
    return { kind: "later", reason, waitMs: undefined };
  }
}

/** A Binnacle that took all but some of a request says so: then there is no need to find out which. */
function rejectedCount(header: string | string[] | undefined): number | undefined {
  return typeof header === "string" && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}

function retryAfterMs(header: string | string[] | undefined): number | undefined {
  return typeof header === "string" && /^\d{1,5}$/.test(header) ? Number(header) * 1000 : undefined;
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    if (length < REFUSAL_TEXT_BYTES_MAX) chunks.push(chunk);
    length += chunk.length;
    if (length > 64 * REFUSAL_TEXT_BYTES_MAX) break;
  }
  return Buffer.concat(chunks).toString("utf8", 0, REFUSAL_TEXT_BYTES_MAX);
}
