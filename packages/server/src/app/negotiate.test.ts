import { expect, test } from "vitest";
import { chooseEncoding } from "./negotiate.ts";

test.each([
  [undefined, undefined],
  ["", undefined],
  ["gzip", "gzip"],
  ["gzip, deflate, br", "gzip"],
  ["gzip, deflate, br, zstd", "zstd"],
  ["zstd;q=0.5, gzip;q=0.8", "gzip"],
  ["zstd;q=0, gzip", "gzip"],
  ["*", "zstd"],
  ["*;q=0", undefined],
  ["*;q=0, gzip", "gzip"],
  ["identity", undefined],
  ["identity;q=1, gzip;q=0.5", undefined],
  ["GZIP", "gzip"],
  ["gzip;q=nonsense", undefined],
  ["br", undefined],
])("%j gets %j", (header, encoding) => {
  expect(chooseEncoding(header, ["zstd", "gzip", "deflate"])).toBe(encoding);
});
