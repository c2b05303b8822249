/** What the notifier asks of a way to notify. */
import type { Notification } from "../notify/payload.ts";

export interface Receiver {
  /** Tells the receiver's integrations apart in the log: `webhook[0]`. */
  readonly integration: string;
  readonly sendResolved: boolean;
  /** Tries once. Throws DeliveryError. */
  send(notification: Notification, signal: AbortSignal): Promise<void>;
}

export type DeliveryFailure =
  | "client_error"
  | "server_error"
  | "too_many_requests"
  | "timeout"
  | "network"
  | "other";

/** A notification that did not arrive. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
  readonly reason: DeliveryFailure;
  /** Whether the same notification may succeed later. */
  readonly isRetryable: boolean;
  /** How long the receiver asks to be left alone, in ms. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: { reason: DeliveryFailure; isRetryable: boolean; retryAfterMs?: number; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = options.reason;
    this.isRetryable = options.isRetryable;
    this.retryAfterMs = options.retryAfterMs;
  }
}
