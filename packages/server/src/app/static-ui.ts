/**
 * Serves the built page. Paths that are the page's own routes get its index; everything else that is not
 * there, 404.
 */
import fs from "node:fs";
import path from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";

const PAGE_ROUTES = ["/", "/query", "/graph", "/logs", "/alerts", "/targets"];

/**
 * Nothing but our own files runs in the page; styles in attributes are needed by the editor and the charts.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
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
  const page = fs.readFileSync(index);
  const sendPage = (_request: unknown, reply: FastifyReply): FastifyReply =>
    reply.type("text/html; charset=utf-8").header("cache-control", "no-cache").send(page);
  for (const route of PAGE_ROUTES) app.get(route, sendPage);
}
