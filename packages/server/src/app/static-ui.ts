/**
 * Serves the built page. Paths that are the page's own routes get its index; everything else that is not
 * there, 404.
 */
import fs from "node:fs";
import path from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";

const PAGE_ROUTES = ["/", "/query", "/graph", "/logs", "/alerts", "/targets"];

/** Nothing but our own files runs or styles the page; the editor and the charts need styles in attributes. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export function addPage(app: FastifyInstance, uiDir: string): void {
  app.addHook("onSend", (_request, reply, payload, done) => {
    void reply.headers({
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "same-origin",
    });
    done(null, payload);
  });
  const index = path.join(uiDir, "index.html");
  if (!fs.existsSync(index)) {
    app.get("/", (_request, reply) =>
      reply.code(404).type("text/plain").send("the page is not built: run `npm run build`\n"),
    );
    return;
  }
  void app.register(fastifyStatic, {
    root: path.join(uiDir, "assets"),
    prefix: "/assets/",
    decorateReply: false,
    // Names of built files carry a hash of their content.
    immutable: true,
    maxAge: "365d",
  });
  // Read anew each time: after a rebuild it names other files.
  const sendPage = async (_request: unknown, reply: FastifyReply): Promise<FastifyReply> => {
    const page = await fs.promises.readFile(index);
    return reply.type("text/html; charset=utf-8").header("cache-control", "no-cache").send(page);
  };
  for (const route of PAGE_ROUTES) app.get(route, sendPage);
}
