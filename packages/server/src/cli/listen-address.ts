/** An address to listen on, as text and as parts. */

export interface ListenAddress {
  /** A name or an address; an IPv6 address without brackets. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

const PORT_MAX = 65_535;

/** `HOST:PORT`, `[IPv6]:PORT`, or `:PORT` for every interface; undefined where the text is none of these. */
export function tryParseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > PORT_MAX) return undefined;
  return { host: match[1] ?? (match[2] === "" ? "0.0.0.0" : match[2]!), port };
}

export function formatListenAddress({ host, port }: ListenAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether only this machine can reach it. */
export function isLoopback({ host }: ListenAddress): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
