/**
 * Labels of a path, as a Pushgateway has them: `job/NAME/label/value…`, a value in base64 behind
 * `label@base64`.
 */
import { BinnacleError } from "@binnacle/model";

const BASE64_SUFFIX = "@base64";
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const BASE64 = /^[A-Za-z0-9_+/-]*={0,2}$/;

/** `path` is decoded already. Throws BAD_PARAMETER. */
export function groupingLabels(path: string): [string, string][] {
  const parts = path.split("/");
  // A slash at the end belongs to an empty value only behind @base64, whose empty value is a sign =.
  if (parts.length % 2 === 1 && parts.at(-1) === "") parts.pop();
  if (parts.length % 2 === 1) fail(path, "each label wants a value");
  const labels: [string, string][] = [];
  for (let i = 0; i < parts.length; i += 2) {
    const key = parts[i]!;
    const value = parts[i + 1]!;
    const isBase64 = key.endsWith(BASE64_SUFFIX);
    const name = isBase64 ? key.slice(0, -BASE64_SUFFIX.length) : key;
    if (!LABEL_NAME.test(name) || name.startsWith("__"))
      fail(path, `${JSON.stringify(name)} is no label name`);
    if (isBase64 && !BASE64.test(value)) fail(path, `${JSON.stringify(value)} is not base64`);
    labels.push([name, isBase64 ? Buffer.from(value, "base64url").toString("utf8") : value]);
  }
  if (labels[0]?.[1] === "") fail(path, "the job has no name");
  return labels;
}

function fail(path: string, what: string): never {
  throw new BinnacleError("BAD_PARAMETER", `invalid path ${JSON.stringify(path)}: ${what}`);
}
