/**
 * Unpacks a rotated log file into a temporary one that has no name any more, so that it is read as any other.
 */
import { randomUUID } from "node:crypto";
import { open, unlink, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { UNPACKED_LOG_BYTES_MAX } from "../limits.ts";

/** Takes the handle over. Throws what zlib says of a damaged file, or that it is too large. */
export async function unpackGzip(packed: FileHandle): Promise<FileHandle> {
  const path = join(tmpdir(), `binnacle-${randomUUID()}.log`);
  const unpacked = await open(path, "wx+", 0o600);
  await unlink(path);
  let bytes = 0;
  try {
    await pipeline(packed.createReadStream(), createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > UNPACKED_LOG_BYTES_MAX) throw tooLarge();
        await unpacked.writeFile(chunk);
      }
    });
    return unpacked;
  } catch (error) {
    await unpacked.close();
    throw error;
  }
}

function tooLarge(): Error {
  const error = new Error(`it is over ${UNPACKED_LOG_BYTES_MAX} bytes (UNPACKED_LOG_BYTES_MAX)`);
  return Object.assign(error, { code: "ERR_BUFFER_TOO_LARGE" });
}
