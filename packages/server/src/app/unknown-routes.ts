/**
 * What is answered where there is no route: 405 where the path has other methods, else 404; in Go's words,
 * which clients of Prometheus may look for.
 */
import type { FastifyInstance } from "fastify";

const PLAIN = "text/plain; charset=utf-8";
const METHODS = ["GET", "POST", "PUT", "DELETE"] as const;

export function answerUnknownRoutes(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    const [asked = ""] = request.url.split("?");
    // The one path of Prometheus's with a name in it.
    const path = /^\/api\/v1\/label\/[^/]+\/values$/.test(asked) ? "/api/v1/label/:name/values" : asked;
    const allowed = METHODS.filter((method) => app.hasRoute({ method, url: path }));
    if (allowed.length > 0) {
      void reply.code(405).header("allow", [...allowed, "OPTIONS"].sort().join(", "));
      const isLifecycle = path === "/-/reload" || path === "/-/quit";
      return reply
        .type(PLAIN)
        .send(isLifecycle ? "Only POST or PUT requests allowed" : "Method Not Allowed\n");
    }
    return reply.code(404).type(PLAIN).send("404 page not found\n");
  });
}
