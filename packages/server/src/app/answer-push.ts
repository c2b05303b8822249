/**
 * How a push is answered that is no protocol's own: nothing where all is taken, else the reasons in plain
 * text.
 */
import type { FastifyReply } from "fastify";
import type { PushSummary } from "../ingest/push-summary.ts";
import { sendAnswer, type Answer } from "./answer.ts";

/**
 * 204, or what the protocol has for it, when all was taken; else 400 with the first reasons: what was good is
 * kept, and the sender must not retry. `headers` are the protocol's own.
 */
export function pushAnswer(
  { refused, reasons }: PushSummary,
  { goodStatus = 204, headers = [] }: { goodStatus?: 200 | 204; headers?: readonly string[] } = {},
): Answer {
  if (refused === 0) return { status: goodStatus, headers, body: "" };
  const more = refused > reasons.length ? `and ${refused - reasons.length} more\n` : "";
  return {
    status: 400,
    // A forwarder of ours sees by the count that the rest was kept, and does not send that again.
    headers: [
      ...headers,
      "x-binnacle-rejected",
      String(refused),
      "content-type",
      "text/plain; charset=utf-8",
    ],
    body: `${reasons.join("\n")}\n${more}`,
  };
}

export function answerPush(
  reply: FastifyReply,
  summary: PushSummary,
  goodStatus: 200 | 204 = 204,
): FastifyReply {
  return sendAnswer(reply, pushAnswer(summary, { goodStatus }));
}
