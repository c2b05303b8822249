/** Posts notifications to a URL, in Alertmanager's format of version 4. */
import type { Clock } from "@binnacle/model";
import { authorizationHeader } from "../config/http-auth.ts";
import type { WebhookConfig } from "../config/notifications.ts";
import { toPayload, type Notification } from "../notify/payload.ts";
import { postJson } from "./http-post.ts";
import type { Receiver } from "./receiver.ts";

export class WebhookReceiver implements Receiver {
  readonly integration: string;
  readonly sendResolved: boolean;
  readonly #config: WebhookConfig;
  readonly #clock: Clock;

  constructor(config: WebhookConfig, index: number, clock: Clock) {
    this.integration = `webhook[${index}]`;
    this.sendResolved = config.send_resolved;
    this.#config = config;
    this.#clock = clock;
  }

  async send(notification: Notification, signal: AbortSignal): Promise<void> {
    await postJson({
      url: this.#config.url.reveal(),
      body: toPayload(notification, this.#config.max_alerts),
      headers: authorizationHeader(this.#config.http_config),
      timeoutMs: this.#config.timeout,
      signal,
      nowMs: this.#clock.nowMs(),
    });
  }
}
