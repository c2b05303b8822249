/**
 * How a push is answered that is no protocol's own: nothing where all is taken, else the reasons in plain
 * text.
 */
import type { FastifyReply } from "fastify";
import type { PushSummary } from "../ingest/push-summary.ts";

/**
 * 204, or what the protocol has for it, when all was taken; else 400 with the first reasons: what was good is
 * kept, and the sender must not retry.
 */
export function answerPush(
  reply: FastifyReply,
  { refused, reasons }: PushSummary,
  goodStatus: 200 | 204 = 204,
): FastifyReply {
  if (refused === 0) return reply.code(goodStatus).send();
  // A forwarder of ours sees by it that the rest was kept, and does not send that again.
  void reply.header("x-binnacle-rejected", refused);
  const more = refused > reasons.length ? `and ${refused - reasons.length} more\n` : "";
  return reply
    .code(400)
    .type("text/plain; charset=utf-8")
    .send(`${reasons.join("\n")}\n${more}`);
}
