/**
 * ip("…"): an address, a range `a-b` or a CIDR, of IPv4 or IPv6, matched against an address or found within a
 * text.
 */
import { BinnacleError } from "@binnacle/model";

interface Address {
  readonly isV6: boolean;
  readonly value: bigint;
}

export interface IpRange {
  contains(text: string): boolean;
  /** Whether an address of the range stands anywhere in a text. */
  occursIn(text: string): boolean;
}

/** Throws PARSE_ERROR for what is none. */
export function parseIpRange(text: string): IpRange {
  const range = bounds(text);
  if (range === undefined) {
    throw new BinnacleError(
      "PARSE_ERROR",
      `ip: ${JSON.stringify(text)} is no address, range of addresses or CIDR`,
    );
  }
  const [first, last] = range;
  const contains = (candidate: string): boolean => {
    const address = parseAddress(candidate);
    if (address === undefined || address.isV6 !== first.isV6) return false;
    return address.value >= first.value && address.value <= last.value;
  };
  return {
    contains,
    occursIn(line) {
      // Candidates are runs of what an address of that family is written with.
      for (const [run] of line.matchAll(
        first.isV6 ? /[0-9a-fA-F:.]*:[0-9a-fA-F:.]*/g : /[0-9]+(?:\.[0-9]+){3}/g,
      )) {
        if (contains(run)) return true;
      }
      return false;
    },
  };
}

function bounds(text: string): [Address, Address] | undefined {
  const dash = text.indexOf("-");
  if (dash >= 0) {
    const first = parseAddress(text.slice(0, dash).trim());
    const last = parseAddress(text.slice(dash + 1).trim());
    const isRange = first !== undefined && last !== undefined && first.isV6 === last.isV6;
    return isRange && first.value <= last.value ? [first, last] : undefined;
  }
  const slash = text.indexOf("/");
  if (slash < 0) {
    const address = parseAddress(text);
    return address && [address, address];
  }
  const address = parseAddress(text.slice(0, slash));
  const bitsText = text.slice(slash + 1);
  const width = address?.isV6 === true ? 128 : 32;
  if (address === undefined || !/^\d{1,3}$/.test(bitsText) || Number(bitsText) > width) return undefined;
  const hostBits = BigInt(width - Number(bitsText));
  const first = (address.value >> hostBits) << hostBits;
  const { isV6 } = address;
  return [
    { isV6, value: first },
    { isV6, value: first + (1n << hostBits) - 1n },
  ];
}

function parseAddress(text: string): Address | undefined {
  if (!text.includes(":")) {
    const value = parseV4(text);
    return value === undefined ? undefined : { isV6: false, value };
  }
  return parseV6(text);
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256n + BigInt(part);
  }
  return value;
}

function parseV6(text: string): Address | undefined {
  let body = text;
  const lastColon = body.lastIndexOf(":");
  if (body.includes(".")) {
    const v4 = parseV4(body.slice(lastColon + 1));
    if (v4 === undefined) return undefined;
    body = `${body.slice(0, lastColon + 1)}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`;
  }
  const halves = body.split("::");
  if (halves.length > 2) return undefined;
  const head = splitGroups(halves[0]);
  const tail = splitGroups(halves[1]);
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let value = 0n;
  for (const group of [...head, ...Array.from({ length: missing }, () => "0"), ...tail]) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    value = value * 65_536n + BigInt(`0x${group}`);
  }
  return { isV6: true, value };
}

function splitGroups(half: string | undefined): string[] {
  return half === undefined || half === "" ? [] : half.split(":");
}
