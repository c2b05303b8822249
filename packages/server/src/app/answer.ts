/** An answer as a value, so that the same one can be given through fastify and past it. */
import type { FastifyReply } from "fastify";

export interface Answer {
  readonly status: number;
  /** name, value, name, value, … */
  readonly headers: readonly string[];
  readonly body: string;
}

export function sendAnswer(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  void reply.code(status);
  for (let i = 0; i < headers.length; i += 2) void reply.header(headers[i]!, headers[i + 1]);
  return reply.send(body === "" ? undefined : body);
}
