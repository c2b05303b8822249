/** What is answered where there is no route: 405 where the path has other methods, else 404. */
import type { FastifyInstance } from "fastify";

const METHODS = ["GET", "POST", "PUT", "DELETE"] as const;

export function answerUnknownRoutes(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    const [path = ""] = request.url.split("?");
    const allowed = METHODS.filter((method) => app.hasRoute({ method, url: path }));
    if (allowed.length > 0) {
      const error = `the method ${request.method} is not allowed here: ${allowed.join(", ")} are`;
      return reply
        .code(405)
        .header("allow", ["OPTIONS", ...allowed].join(", "))
        .send({ status: "error", errorType: "bad_data", error });
    }
    const error = `no route ${request.method} ${request.url}`;
    return reply.code(404).send({ status: "error", errorType: "not_found", error });
  });
}
