/** Fetches an exposition over HTTP: one client a job, with the job's TLS settings and kept connections. */
import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { createGunzip } from "node:zlib";
import { BinnacleError } from "@binnacle/model";
import type { Agent, Dispatcher } from "undici";
import type { HttpConfig, TlsConfig } from "../config/http-config.ts";
import type { ScrapeConfig, ScrapeProtocol } from "../config/scrape-config.ts";
import { CREDENTIAL_FILE_BYTES_MAX, SCRAPE_BODY_BYTES_MAX, SCRAPE_REDIRECTS_MAX } from "../limits.ts";

/** To be disposed of when it is parsed: its memory is used for the next one. */
export interface ScrapeResponse extends Disposable {
  /** Decompressed. */
  readonly body: Uint8Array;
  /** As the target gave it; "" when it gave none. */
  readonly contentType: string;
}

export interface ScrapeRequest {
  readonly url: string;
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

/** Memory for bodies that is kept between scrapes: so many buffers, none longer than so many bytes. */
const BODY_BUFFERS_KEPT_MAX = 8;
const BODY_BUFFER_BYTES_KEPT_MAX = 4 * 1024 * 1024;

/** Grows to the longest body it has held. What it held is overwritten, not collected. */
class BodyBuffer {
  #bytes = new Uint8Array(64 * 1024);
  length = 0;

  clear(): void {
    if (this.#bytes.length > BODY_BUFFER_BYTES_KEPT_MAX) this.#bytes = new Uint8Array(64 * 1024);
    this.length = 0;
  }

  append(chunk: Uint8Array): void {
    const length = this.length + chunk.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.length));
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, this.length);
    this.length = length;
  }

  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}

export class ScrapeClient {
  readonly #config: ScrapeConfig;
  readonly #baseDir: string;
  readonly #accept: string;
  readonly #buffers: BodyBuffer[] = [];
  #agent: Promise<Agent> | undefined;

  /** Files of credentials are read relative to baseDir, anew at each scrape: they are rotated under us. */
  constructor(config: ScrapeConfig, baseDir: string) {
    this.#config = config;
    this.#baseDir = baseDir;
    this.#accept = acceptHeader(config.scrapeProtocols);
  }

  /** Throws an Error whose message is for people: what happened instead of an answer. */
  async fetch(scrape: ScrapeRequest): Promise<ScrapeResponse> {
    let url = new URL(scrape.url);
    const { host } = url;
    for (let redirects = 0; redirects <= SCRAPE_REDIRECTS_MAX; redirects++) {
      // Credentials are the target's: they do not follow a redirect to another host.
      const headers = await this.#headers(scrape.timeoutMs, url.host === host);
      // Loaded with the first scrape: it is the largest of all libraries, and a start need not wait for it.
      const { request } = await import("undici");
      const response = await request(url, {
        dispatcher: await this.#dispatcher(),
        signal: scrape.signal,
        headers,
      });
      const location = response.headers["location"];
      if (
        isRedirect(response.statusCode) &&
        this.#config.http.followRedirects &&
        typeof location === "string"
      ) {
        await response.body.dump({ limit: 65_536 });
        url = new URL(location, url);
        if (url.protocol !== "http:" && url.protocol !== "https:") break;
        continue;
      }
      if (response.statusCode !== 200) {
        await response.body.dump({ limit: 65_536 });
        throw new Error(
          `server returned HTTP status ${response.statusCode} ${response.statusText ?? ""}`.trim(),
        );
      }
      const buffer = this.#buffers.pop() ?? new BodyBuffer();
      try {
        const body = await this.#read(response, buffer);
        const contentType = headerText(response.headers["content-type"]);
        return { body, contentType, [Symbol.dispose]: () => this.#keep(buffer) };
      } catch (error) {
        this.#keep(buffer);
        throw error;
      }
    }
    throw new Error(`stopped after ${SCRAPE_REDIRECTS_MAX} redirects (SCRAPE_REDIRECTS_MAX)`);
  }

  async close(): Promise<void> {
    await (await this.#agent)?.destroy();
  }

  #keep(buffer: BodyBuffer): void {
    if (this.#buffers.length < BODY_BUFFERS_KEPT_MAX) this.#buffers.push(buffer);
  }

  async #read(response: Dispatcher.ResponseData, buffer: BodyBuffer): Promise<Uint8Array> {
    const limit = this.#config.bodyBytesMax || SCRAPE_BODY_BYTES_MAX;
    const encoding = headerText(response.headers["content-encoding"]).toLowerCase();
    if (encoding !== "" && encoding !== "identity" && encoding !== "gzip") {
      response.body.destroy();
      throw new BinnacleError(
        "UNSUPPORTED_MEDIA",
        `content encoding ${JSON.stringify(encoding)} is not supported`,
      );
    }
    const gunzip = encoding === "gzip" ? createGunzip() : undefined;
    const stream = gunzip === undefined ? response.body : response.body.pipe(gunzip);
    // pipe() carries no errors across: without this a cut connection would wait for ever.
    if (gunzip !== undefined) response.body.on("error", (error) => gunzip.destroy(error));
    buffer.clear();
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        if (buffer.length + chunk.length > limit)
          throw new Error(`body size limit exceeded: over ${limit} bytes (body_size_limit)`);
        buffer.append(chunk);
      }
    } finally {
      response.body.destroy();
      gunzip?.destroy();
    }
    return buffer.view();
  }

  async #headers(timeoutMs: number, withCredentials: boolean): Promise<Record<string, string | string[]>> {
    const headers: Record<string, string | string[]> = {
      accept: this.#accept,
      "accept-encoding": this.#config.enableCompression ? "gzip" : "identity",
      "user-agent": "Binnacle",
      "x-prometheus-scrape-timeout-seconds": String(timeoutMs / 1000),
    };
    if (!withCredentials) return headers;
    const { http } = this.#config;
    for (const [name, given] of Object.entries(http.headers)) {
      const files = await Promise.all((given.files ?? []).map((file) => this.#readText(file)));
      const secrets = (given.secrets ?? []).map((secret) => secret.reveal());
      headers[name.toLowerCase()] = [...(given.values ?? []), ...secrets, ...files];
    }
    const authorization = await this.#authorization(http);
    if (authorization !== undefined) headers["authorization"] = authorization;
    return headers;
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

  #dispatcher(): Promise<Agent> {
    // A certificate that cannot be read now may be readable at the next scrape: a failure is not kept.
    this.#agent ??= this.#createAgent().catch((error: unknown) => {
      this.#agent = undefined;
      throw error;
    });
    return this.#agent;
  }

  async #createAgent(): Promise<Agent> {
    const tls = this.#config.http.tls;
    const { Agent } = await import("undici");
    return new Agent({
      headersTimeout: 0,
      bodyTimeout: 0,
      // Kept a little longer than an interval, so that the next scrape finds its connection; but not for
      // ever.
      keepAliveTimeout: Math.min(this.#config.scrapeIntervalMs + 5_000, 300_000),
      ...(tls === undefined ? {} : { connect: await this.#tlsOptions(tls) }),
    });
  }

  async #tlsOptions(tls: TlsConfig): Promise<object> {
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
    return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
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

function headerText(header: string | string[] | undefined): string {
  return (Array.isArray(header) ? header[0] : header) ?? "";
}
