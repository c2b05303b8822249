/** A signal that fires when a request's client hangs up before its answer is written. */
import type { FastifyReply, FastifyRequest } from "fastify";

export function hangUpSignal(request: FastifyRequest, reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const onClose = (): void => {
    if (!reply.raw.writableEnded) controller.abort();
  };
  request.raw.socket.once("close", onClose);
  reply.raw.once("finish", () => request.raw.socket.removeListener("close", onClose));
  return controller.signal;
}
