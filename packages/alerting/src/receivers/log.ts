/** Writes notifications to the program's log, a line each. */
import type { Logger } from "@binnacle/model";
import type { LogConfig } from "../config/notifications.ts";
import { toPayload, type Notification } from "../notify/payload.ts";
import type { Receiver } from "./receiver.ts";

export class LogReceiver implements Receiver {
  readonly integration: string;
  readonly sendResolved: boolean;
  readonly #logger: Logger;

  constructor(config: LogConfig, index: number, logger: Logger) {
    this.integration = `log[${index}]`;
    this.sendResolved = config.send_resolved;
    this.#logger = logger;
  }

  send(notification: Notification): Promise<void> {
    const notified = toPayload(notification);
    const message = `notification: ${notified.status}, ${notified.alerts.length} alerts`;
    if (notified.status === "firing") this.#logger.warn({ notification: notified }, message);
    else this.#logger.info({ notification: notified }, message);
    return Promise.resolve();
  }
}
