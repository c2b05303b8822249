/**
 * Small files of JSON that say what they are and whether they are whole:
 *
 *     "binnacle " kind " " version " " crc32 of the rest, 8 hexadecimal digits "\n"
 *     JSON "\n"
 */
import { crc32 } from "node:zlib";
import { BinnacleError } from "@binnacle/model";

export function encodeCheckedJson(kind: string, version: number, value: unknown): Buffer {
  const json = `${JSON.stringify(value)}\n`;
  return Buffer.from(`binnacle ${kind} ${version} ${crc32(json).toString(16).padStart(8, "0")}\n${json}`);
}

/** Throws CORRUPT_DATA, or UNAVAILABLE when a newer program wrote the file; both name `path`. */
export function decodeCheckedJson(kind: string, version: number, bytes: Uint8Array, path: string): unknown {
  const text = Buffer.from(bytes).toString("utf8");
  const match = /^binnacle ([a-z]{1,20}) (\d{1,6}) ([0-9a-f]{8})\n/.exec(text);
  if (match === null || match[1] !== kind || match[2] === "0")
    throw new BinnacleError("CORRUPT_DATA", `${path}: not a file of ${kind}, at byte 0`);
  if (Number(match[2]) > version) {
    throw new BinnacleError(
      "UNAVAILABLE",
      `${path}: ${kind} in format ${match[2]}; this program reads up to ${version}: start a newer one`,
    );
  }
  const json = text.slice(match[0].length);
  if (crc32(json) !== Number.parseInt(match[3]!, 16)) {
    throw new BinnacleError(
      "CORRUPT_DATA",
      `${path}: checksum of ${kind} does not match, at byte ${match[0].length}`,
    );
  }
  return JSON.parse(json);
}
