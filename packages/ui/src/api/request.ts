/** One request to the API, typed by its route. */
import type { AnswerOf, ParamsOf, Route } from "@binnacle/api";
import { ApiError } from "./api-error.ts";

/** Past this the parameters travel as a form body: servers and proxies cut URLs at 8 KB. */
const URL_LENGTH_MAX = 4000;

type DataOf<R extends Route> = AnswerOf<R> extends { data: infer Data } ? Data : never;

export interface Answer<Data> {
  readonly data: Data;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  /** From sending to the last byte parsed. */
  readonly durationMs: number;
}

interface Envelope {
  readonly status?: unknown;
  readonly data?: unknown;
  readonly error?: unknown;
  readonly message?: unknown;
  readonly errorType?: unknown;
  readonly warnings?: unknown;
  readonly infos?: unknown;
}

/**
 * Fails with an ApiError, or with the signal's reason. `names` fill the variable parts of the path, in order.
 */
export async function request<R extends Route>(
  route: R,
  params: ParamsOf<R>,
  options: { signal: AbortSignal; names?: readonly string[] },
): Promise<Answer<DataOf<R>>> {
  const startMs = performance.now();
  const form = toForm(params).toString();
  const path = fillPath(route.path, options.names ?? []);
  const usesBody = form.length > URL_LENGTH_MAX && route.methods.includes("POST");
  let response: Response;
  try {
    response = usesBody
      ? await fetch(path, {
          method: "POST",
          body: form,
          headers: { "content-type": "application/x-www-form-urlencoded" },
          signal: options.signal,
        })
      : await fetch(form === "" ? path : `${path}?${form}`, { signal: options.signal });
  } catch (error) {
    if (options.signal.aborted) throw error;
    throw new ApiError("unreachable", "The server does not answer.");
  }
  const envelope = await readEnvelope(response, options.signal);
  return {
    data: envelope.data as DataOf<R>,
    warnings: texts(envelope.warnings),
    infos: texts(envelope.infos),
    durationMs: performance.now() - startMs,
  };
}

async function readEnvelope(response: Response, signal: AbortSignal): Promise<Envelope> {
  const { status } = response;
  let text: string;
  try {
    text = await response.text();
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError("unreachable", "The server broke off its answer.", { status });
  }
  const envelope = parseEnvelope(text);
  if (response.ok && envelope?.status === "success") return envelope;
  if (!response.ok) {
    // Loki answers mistakes in plain text or under `message`.
    const said = envelope?.error ?? envelope?.message ?? text.slice(0, 1000).trim();
    const message = typeof said === "string" && said !== "" ? said : `The server answered ${status}.`;
    const errorType = typeof envelope?.errorType === "string" ? envelope.errorType : "";
    throw new ApiError("refused", message, { status, errorType });
  }
  throw new ApiError("unreadable", "The server's answer is not the API's JSON.", { status });
}

function parseEnvelope(text: string): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Arrays become repeated parameters, undefined ones vanish. */
export function toForm(params: Record<string, unknown>): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (Array.isArray(value)) for (const entry of value) form.append(name, String(entry));
    else if (typeof value === "string") form.set(name, value);
  }
  return form;
}

export function fillPath(path: string, names: readonly string[]): string {
  let next = 0;
  return path.replace(/:[a-z]+/g, () => encodeURIComponent(names[next++] ?? ""));
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === "string") : [];
}
