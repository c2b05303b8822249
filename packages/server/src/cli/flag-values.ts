/**
 * Reads the values of flags. Each reader throws commander's InvalidArgumentError, which names what was
 * expected.
 */
import { tryParseByteSize } from "@binnacle/config/byte-size";
import { tryParseDuration } from "@binnacle/model";
import { InvalidArgumentError } from "commander";
import { LOG_LEVELS, type LogLevel } from "./flags.ts";
import { tryParseListenAddress, type ListenAddress } from "./listen-address.ts";

export function readListenAddress(text: string): ListenAddress {
  const address = tryParseListenAddress(text);
  if (address === undefined) {
    throw new InvalidArgumentError(
      "Expected HOST:PORT, for example 127.0.0.1:7070 or :7070 for every interface.",
    );
  }
  return address;
}

export function readLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((it) => it === text.toLowerCase());
  if (level === undefined) throw new InvalidArgumentError(`Expected one of ${LOG_LEVELS.join(", ")}.`);
  return level;
}

const FORMATS = ["table", "json", "csv"] as const;

export function readFormat(text: string): (typeof FORMATS)[number] {
  const format = FORMATS.find((it) => it === text);
  if (format === undefined) throw new InvalidArgumentError(`Expected one of ${FORMATS.join(", ")}.`);
  return format;
}

/** A Prometheus duration → ms. */
export function readDuration(text: string): number {
  const ms = tryParseDuration(text);
  if (ms === undefined || ms === 0)
    throw new InvalidArgumentError("Expected a duration, for example 12h, 15d or 1y.");
  return ms;
}

/** A size as Prometheus writes it → bytes. */
export function readByteSize(text: string): number {
  const bytes = tryParseByteSize(text);
  if (bytes === undefined || bytes === 0)
    throw new InvalidArgumentError("Expected a size over 0, for example 512MB or 10GB.");
  return bytes;
}

export function readHttpUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "") {
    throw new InvalidArgumentError("Expected a URL that begins http:// or https://.");
  }
  return text;
}

/** A flag that may be given several times, each time with several names between commas. */
export function collectNames(text: string, previous: readonly string[] | undefined): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  return [...(previous ?? []), ...names.filter((name) => name !== "")];
}

export function readCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError("Expected a count from 1.");
  return count;
}

/** Unix seconds or RFC 3339 → ms. */
export function readTimeMs(text: string): number {
  const timeMs = /^-?\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * 1000) : Date.parse(text);
  if (Number.isNaN(timeMs)) throw new InvalidArgumentError("Expected Unix seconds or an RFC 3339 time.");
  return timeMs;
}
