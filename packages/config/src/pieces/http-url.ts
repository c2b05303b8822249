/** A URL that can be asked over HTTP. */
import { z } from "zod";

/** `http://host:port/path` or https, as written (a string crosses threads, a URL does not). */
export const httpUrl = z.string().refine(isHttpUrl, { error: "a URL that begins http:// or https://" });

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === "http:" || url.protocol === "https:") && url.hostname !== "";
}
