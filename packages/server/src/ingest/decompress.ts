/** Bodies as they were sent, unpacked: never more than the limit, whatever they unpack to. */
import { promisify } from "node:util";
import zlib from "node:zlib";
import { BinnacleError } from "@binnacle/model";
import { BODY_BYTES_MAX, lz4Decompress } from "@binnacle/wire";

const DECOMPRESSORS: Readonly<
  Record<string, (body: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>>
> = {
  gzip: promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gunzip),
  deflate: promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.inflate),
  zstd: promisify<Uint8Array, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress),
  lz4: (body, { maxOutputLength }) => {
    const { buffer, byteOffset, length } = lz4Decompress(body, { bytesMax: maxOutputLength });
    return Promise.resolve(Buffer.from(buffer, byteOffset, length));
  },
};

/** Throws BODY_TOO_LARGE before more than the limit has been unpacked, UNSUPPORTED_MEDIA, BAD_BODY. */
export async function decompress(body: Uint8Array, encoding: string | undefined): Promise<Uint8Array> {
  if (encoding === undefined || encoding === "" || encoding === "identity") return body;
  const unpack = DECOMPRESSORS[encoding];
  if (unpack === undefined) {
    const known = Object.keys(DECOMPRESSORS).join(", ");
    throw new BinnacleError(
      "UNSUPPORTED_MEDIA",
      `content encoding ${encoding} is not supported: send ${known}`,
    );
  }
  try {
    return await unpack(body, { maxOutputLength: BODY_BYTES_MAX });
  } catch (cause) {
    if (cause instanceof BinnacleError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      const message = `the body is over ${BODY_BYTES_MAX} bytes unpacked (BODY_BYTES_MAX)`;
      throw new BinnacleError("BODY_TOO_LARGE", message, { cause });
    }
    throw new BinnacleError("BAD_BODY", `the body is not ${encoding}: ${(cause as Error).message}`, {
      cause,
    });
  }
}
