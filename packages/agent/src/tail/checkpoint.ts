/**
 * How far a file has been read and acknowledged, and by what the file is known again.
 * docs/format/checkpoint.md
 */
import { crc32 } from "node:zlib";

/** Bytes at a file's start, and before the offset, whose checksums are kept. */
export const PREFIX_BYTES = 1024;
export const MARKER_BYTES = 256;

export interface Checkpoint {
  /** The log's path when it was opened: the one it is followed under, not where rotation moved it. */
  readonly path: string;
  /** Everything before it was acknowledged. */
  readonly offset: number;
  /** CRC-32 of the first min(PREFIX_BYTES, offset) bytes. */
  readonly prefixCrc: number;
  /** CRC-32 of the last min(MARKER_BYTES, offset) bytes before the offset. */
  readonly markerCrc: number;
  /** Unix ms. */
  readonly updatedMs: number;
}

const VERSION = 1;
const HEADER_BYTES = 32;
const CRC_AT = 12;

export function encodeCheckpoint(checkpoint: Checkpoint): Buffer {
  const path = Buffer.from(checkpoint.path);
  const bytes = Buffer.alloc(HEADER_BYTES + path.length);
  bytes.writeUInt8(VERSION, 0);
  bytes.writeUInt16LE(path.length, 2);
  bytes.writeUInt32LE(checkpoint.prefixCrc, 4);
  bytes.writeUInt32LE(checkpoint.markerCrc, 8);
  bytes.writeDoubleLE(checkpoint.offset, 16);
  bytes.writeDoubleLE(checkpoint.updatedMs, 24);
  path.copy(bytes, HEADER_BYTES);
  bytes.writeUInt32LE(crc32(bytes), CRC_AT);
  return bytes;
}

/** The checkpoint, or undefined when the bytes are damaged or of another version. */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint | undefined {
  const copy = Buffer.from(bytes);
  if (copy.length < HEADER_BYTES || copy.readUInt8(0) !== VERSION) return undefined;
  if (copy.length !== HEADER_BYTES + copy.readUInt16LE(2)) return undefined;
  const crc = copy.readUInt32LE(CRC_AT);
  copy.writeUInt32LE(0, CRC_AT);
  if (crc32(copy) !== crc) return undefined;
  const offset = copy.readDoubleLE(16);
  if (!Number.isSafeInteger(offset) || offset < 0) return undefined;
  return {
    path: copy.toString("utf8", HEADER_BYTES),
    offset,
    prefixCrc: copy.readUInt32LE(4),
    markerCrc: copy.readUInt32LE(8),
    updatedMs: copy.readDoubleLE(24),
  };
}
