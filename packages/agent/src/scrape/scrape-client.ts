/** Fetches an exposition over HTTP: one client a job, with the job's TLS settings and kept connections. */
import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { ConnectionOptions as TlsOptions } from "node:tls";
import { promisify } from "node:util";
import zlib, { type ZlibOptions } from "node:zlib";
import { BinnacleError } from "@binnacle/model";
import type { HttpConfig, TlsConfig } from "../config/http-config.ts";
import type { ScrapeConfig, ScrapeProtocol } from "../config/scrape-config.ts";
import { BodyBuffer } from "../http/body-buffer.ts";
import { HttpClient } from "../http/http-client.ts";
import { BodyTooLargeError, type AnswerHead } from "../http/response-reader.ts";
import { CREDENTIAL_FILE_BYTES_MAX, SCRAPE_BODY_BYTES_MAX, SCRAPE_REDIRECTS_MAX } from "../limits.ts";

/** To be disposed of when it is parsed: its memory is used for the next one. */
export interface ScrapeResponse extends Disposable {
  /** Decompressed. */
  readonly body: Uint8Array;
  /** As the target gave it; "" when it gave none. */
  readonly contentType: string;
}

export interface ScrapeRequest {
  readonly url: URL;
  readonly timeoutMs: number;
  /** Ends the request early. */
  readonly signal: AbortSignal;
}

/** Our side of content negotiation. */
const MEDIA_TYPES: Record<ScrapeProtocol, string> = {
  PrometheusProto:
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
  "OpenMetricsText1.0.0": "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8",
  "OpenMetricsText0.0.1": "application/openmetrics-text;version=0.0.1",
  "PrometheusText1.0.0": "text/plain;version=1.0.0;escaping=allow-utf-8",
  "PrometheusText0.0.4": "text/plain;version=0.0.4",
};

/** Memory for bodies that is kept between scrapes: so many buffers. */
const BODY_BUFFERS_KEPT_MAX = 8;

const gunzip = promisify<Uint8Array, ZlibOptions, Buffer>(zlib.gunzip);

export class ScrapeClient {
  readonly #config: ScrapeConfig;
  readonly #baseDir: string;
  readonly #fixedHeaders: string;
  readonly #buffers: BodyBuffer[] = [];
  readonly #http: HttpClient;

  /** Files of credentials are read relative to baseDir, anew at each scrape: they are rotated under us. */
  constructor(config: ScrapeConfig, baseDir: string) {
    this.#config = config;
    this.#baseDir = baseDir;
    this.#fixedHeaders =
      headerLine("accept", acceptHeader(config.scrapeProtocols)) +
      headerLine("accept-encoding", config.enableCompression ? "gzip" : "identity") +
      headerLine("user-agent", "Binnacle");
    this.#http = new HttpClient({
      tlsOptions: () => this.#tlsOptions(config.http.tls),
      // A little longer than an interval, so that the next scrape finds its connection; but not for ever.
      idleMs: Math.min(config.scrapeIntervalMs + 5_000, 300_000),
    });
  }

  /** Throws an Error whose message is for people: what happened instead of an answer. */
  async fetch(scrape: ScrapeRequest): Promise<ScrapeResponse> {
    const buffer = this.#buffers.pop() ?? new BodyBuffer();
    try {
      const { headers } = await this.#ask(scrape, buffer);
      const body = await this.#unpack(buffer.view(), headers.get("content-encoding") ?? "");
      const contentType = headers.get("content-type") ?? "";
      return { body, contentType, [Symbol.dispose]: () => this.#keep(buffer) };
    } catch (error) {
      this.#keep(buffer);
      throw error;
    }
  }

  close(): void {
    this.#http.close();
  }

  /** The head of the answer 200, behind all redirects. */
  async #ask(scrape: ScrapeRequest, body: BodyBuffer): Promise<AnswerHead> {
    let { url } = scrape;
    const { host } = url;
    for (let redirects = 0; redirects <= SCRAPE_REDIRECTS_MAX; redirects++) {
      // Credentials are the target's: they do not follow a redirect to another host.
      const isOwn = url.host === host;
      const headers = await this.#headers(scrape.timeoutMs, isOwn);
      const request = `GET ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\n${headers}\r\n`;
      const bodyBytesMax = this.#config.bodyBytesMax || SCRAPE_BODY_BYTES_MAX;
      const head = await this.#http.exchange(url, { request, body, bodyBytesMax }, scrape.signal);
      if (head.status === 200) return head;
      const location = head.headers.get("location");
      if (!isRedirect(head.status) || !this.#config.http.followRedirects || location === undefined) {
        throw new Error(`server returned HTTP status ${head.status} ${head.statusText}`.trim());
      }
      url = new URL(location, url);
      if (url.protocol !== "http:" && url.protocol !== "https:") break;
    }
    throw new Error(`stopped after ${SCRAPE_REDIRECTS_MAX} redirects (SCRAPE_REDIRECTS_MAX)`);
  }

  #keep(buffer: BodyBuffer): void {
    if (this.#buffers.length < BODY_BUFFERS_KEPT_MAX) this.#buffers.push(buffer);
  }

  async #unpack(body: Uint8Array, encoding: string): Promise<Uint8Array> {
    const name = encoding.toLowerCase();
    if (name === "" || name === "identity") return body;
    if (name !== "gzip") {
      const message = `content encoding ${JSON.stringify(encoding)} is not supported`;
      throw new BinnacleError("UNSUPPORTED_MEDIA", message);
    }
    const bytesMax = this.#config.bodyBytesMax || SCRAPE_BODY_BYTES_MAX;
    try {
      return await gunzip(body, { maxOutputLength: bytesMax });
    } catch (error) {
      const isLong = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
      throw isLong ? new BodyTooLargeError(bytesMax) : error;
    }
  }

  async #headers(timeoutMs: number, withCredentials: boolean): Promise<string> {
    let text =
      this.#fixedHeaders + headerLine("x-prometheus-scrape-timeout-seconds", String(timeoutMs / 1000));
    if (!withCredentials) return text;
    const { http } = this.#config;
    for (const [name, given] of Object.entries(http.headers)) {
      const files = await Promise.all((given.files ?? []).map((file) => this.#readText(file)));
      const secrets = (given.secrets ?? []).map((secret) => secret.reveal());
      for (const value of [...(given.values ?? []), ...secrets, ...files]) text += headerLine(name, value);
    }
    const authorization = await this.#authorization(http);
    return authorization === undefined ? text : text + headerLine("authorization", authorization);
  }

  async #authorization({ basicAuth, authorization }: HttpConfig): Promise<string | undefined> {
    if (basicAuth !== undefined) {
      const user = basicAuth.username ?? (await this.#readIfGiven(basicAuth.username_file));
      const password = basicAuth.password?.reveal() ?? (await this.#readIfGiven(basicAuth.password_file));
      return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    }
    if (authorization === undefined) return undefined;
    const { credentials, credentials_file: file, type } = authorization;
    return `${type} ${credentials?.reveal() ?? (await this.#readIfGiven(file))}`;
  }

  async #readIfGiven(path: string | undefined): Promise<string> {
    return path === undefined ? "" : this.#readText(path);
  }

  async #readText(path: string): Promise<string> {
    const text = await readFile(isAbsolute(path) ? path : join(this.#baseDir, path), "utf8");
    if (text.length > CREDENTIAL_FILE_BYTES_MAX) {
      throw new Error(`${path} is over CREDENTIAL_FILE_BYTES_MAX (${CREDENTIAL_FILE_BYTES_MAX} bytes)`);
    }
    return text.trim();
  }

  /**
   * Read anew for each connection: a certificate that cannot be read now may be readable at the next scrape.
   */
  async #tlsOptions(tls: TlsConfig | undefined): Promise<TlsOptions> {
    if (tls === undefined) return {};
    const text = async (inline: string | undefined, file: string | undefined): Promise<string | undefined> =>
      inline ?? (file === undefined ? undefined : this.#readText(file));
    const options: Record<string, unknown> = {
      ca: await text(tls.ca, tls.ca_file),
      cert: await text(tls.cert, tls.cert_file),
      key: await text(tls.key?.reveal(), tls.key_file),
      servername: tls.server_name,
      rejectUnauthorized: !tls.insecure_skip_verify,
      minVersion: nodeTlsVersion(tls.min_version),
      maxVersion: nodeTlsVersion(tls.max_version),
    };
    return Object.fromEntries(
      Object.entries(options).filter(([, value]) => value !== undefined),
    ) as TlsOptions;
  }
}

/** `TLS12` → `TLSv1.2`. */
function nodeTlsVersion(version: string | undefined): string | undefined {
  return version === undefined ? undefined : `TLSv${version[3]}.${version[4]}`;
}

/** Each protocol preferred to the next, and anything rather than nothing. */
export function acceptHeader(protocols: readonly ScrapeProtocol[]): string {
  const types = protocols.map((protocol) => MEDIA_TYPES[protocol]);
  const offers = types.map((type, i) => `${type};q=0.${types.length + 1 - i}`);
  return [...offers, "*/*;q=0.1"].join(",");
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/** Throws where the value would end the line, and say more than a value should. */
function headerLine(name: string, value: string): string {
  if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value) || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
    throw new Error(`the header ${JSON.stringify(name)} has characters that no header may have`);
  }
  return `${name}: ${value}\r\n`;
}
