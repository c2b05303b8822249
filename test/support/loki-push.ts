/** Pushes lines as any client of Loki's would, in JSON. */

export interface PushStream {
  readonly stream: Readonly<Record<string, unknown>>;
  /** Unix nanoseconds as text, and the line. */
  readonly values: readonly (readonly [string, unknown])[];
}

/** Posts one push. Resolves with the response, whatever its status. */
export function postLoki(url: string, streams: readonly PushStream[]): Promise<Response> {
  return fetch(`${url}/loki/api/v1/push`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ streams }),
  });
}

/** Now, in nanoseconds, with an offset in ms. */
export function nowNs(offsetMs = 0): string {
  return `${Date.now() + offsetMs}000000`;
}
