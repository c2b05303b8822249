/** Asks a server's HTTP API, and says in a sentence what went wrong. */
import { BinnacleError } from "@binnacle/model";

/** How long an answer may take, ms: longer than any query may run. */
const TIMEOUT_MS = 150_000;

export interface Answer {
  readonly data: unknown;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

export type Parameters = readonly (readonly [name: string, value: string | undefined])[];

/** Throws UNAVAILABLE when there is no such server, EXECUTION_ERROR with its own words when it refuses. */
export async function askServer(server: string, path: string, parameters: Parameters): Promise<Answer> {
  const form = new URLSearchParams();
  for (const [name, value] of parameters) if (value !== undefined) form.append(name, value);
  const url = `${server.replace(/\/+$/, "")}${path}`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${url}?${form.toString()}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    text = await response.text();
  } catch (cause) {
    throw new BinnacleError("UNAVAILABLE", `cannot reach ${server}: ${reasonOf(cause)}; is it running?`, {
      cause,
    });
  }
  const answer = tryParse(text);
  if (answer?.status === "success") {
    return { data: answer.data, warnings: answer.warnings ?? [], infos: answer.infos ?? [] };
  }
  const words = answer?.error ?? text.slice(0, 200).trim();
  throw new BinnacleError("EXECUTION_ERROR", `${server} answers ${response.status}: ${words}`);
}

interface Envelope {
  readonly status?: string;
  readonly data?: unknown;
  readonly error?: string;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

function tryParse(text: string): Envelope | undefined {
  try {
    return JSON.parse(text) as Envelope;
  } catch {
    // An answer that is no JSON is shown as it is.
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message || String((cause as { code?: string }).code) : message;
}
