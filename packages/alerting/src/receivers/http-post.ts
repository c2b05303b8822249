/** Posts JSON and says what went wrong in a way that retries can be decided by. */
import { RESPONSE_BYTES_MAX } from "../limits.ts";
import { DeliveryError } from "./receiver.ts";

export interface PostOptions {
  readonly url: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Longest time for the request, in ms; 0 for none but the signal's. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** For a date in Retry-After. */
  readonly nowMs: number;
}

/** Throws DeliveryError; its message holds no URL, which may be a secret. */
export async function postJson(options: PostOptions): Promise<void> {
  const { timeoutMs } = options;
  const signals = [options.signal];
  if (timeoutMs > 0) signals.push(AbortSignal.timeout(timeoutMs));
  let response: Response;
  try {
    response = await fetch(options.url, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "Binnacle", ...options.headers },
      body: JSON.stringify(options.body),
      signal: AbortSignal.any(signals),
    });
  } catch (cause) {
    throw toDeliveryError(cause, timeoutMs);
  }
  if (response.ok) {
    await response.body?.cancel().catch(() => {});
    return;
  }
  const text = await readStart(response);
  const { status } = response;
  const message = `unexpected status code ${status}${text === "" ? "" : `: ${text}`}`;
  if (status === 429 || status >= 500) {
    const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"), options.nowMs);
    throw new DeliveryError(message, {
      reason: status === 429 ? "too_many_requests" : "server_error",
      isRetryable: true,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }
  throw new DeliveryError(message, { reason: "client_error", isRetryable: false });
}

function toDeliveryError(cause: unknown, timeoutMs: number): DeliveryError {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  if (error.name === "TimeoutError") {
    const message = `no answer within ${timeoutMs} ms`;
    return new DeliveryError(message, { reason: "timeout", isRetryable: true, cause });
  }
  if (error.name === "AbortError") {
    return new DeliveryError("cancelled", { reason: "other", isRetryable: false, cause });
  }
  // fetch says only "fetch failed"; what failed is in its cause.
  const detail = error.cause instanceof Error ? error.cause.message || String(error.cause) : error.message;
  return new DeliveryError(`the request failed: ${detail}`, { reason: "network", isRetryable: true, cause });
}

/** The first bytes of an answer, for the error's text. */
async function readStart(response: Response): Promise<string> {
  if (response.body === null) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= RESPONSE_BYTES_MAX) break;
    }
  } catch {
    // The status says enough where the body breaks off.
  }
  return Buffer.concat(chunks).subarray(0, RESPONSE_BYTES_MAX).toString("utf8").trim();
}

/** Milliseconds of a Retry-After, which is in seconds or a date. */
export function parseRetryAfter(text: string | null, nowMs: number): number | undefined {
  if (text === null) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
