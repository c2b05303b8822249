/**
 * Parameters wherever they come: in the URL, in a form body, or in both, as Prometheus and Loki read them.
 * What the body says stands before what the URL says; names that end in `[]` gather all their values, and so
 * does `match`, which is how logcli writes `match[]`.
 */
import type { FastifyInstance } from "fastify";

type Params = Record<string, string | string[]>;

export function readForm(text: string): Params {
  const params = Object.create(null) as Params;
  for (const [name, value] of new URLSearchParams(text)) {
    if (isList(name)) {
      const list = params[name];
      if (Array.isArray(list)) list.push(value);
      else params[name] = [value];
    } else {
      // As Go's FormValue: the first value of a name wins.
      params[name] ??= value;
    }
  }
  return params;
}

function isList(name: string): boolean {
  return name.endsWith("[]") || name === "match";
}

/** Lets handlers read `request.query` for both GET and POST. */
export function acceptForms(app: FastifyInstance): void {
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    (_request, body, done) => {
      done(null, readForm(body as string));
    },
  );
  app.addHook("preValidation", (request, _reply, done) => {
    const { body } = request;
    const isForm = (request.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
    if (isForm && typeof body === "object" && body !== null) {
      const merged = { ...(request.query as Params) };
      for (const [name, value] of Object.entries(body as Params)) {
        const other = merged[name];
        merged[name] = isList(name) && other !== undefined ? [...[value].flat(), ...[other].flat()] : value;
      }
      request.query = merged;
    }
    done();
  });
}
