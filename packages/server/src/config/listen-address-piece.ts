/** An address to listen on, in a configuration file. */
import { z } from "zod";
import { tryParseListenAddress, type ListenAddress } from "../cli/listen-address.ts";

export const listenAddress = z.string().transform((text, context): ListenAddress => {
  const address = tryParseListenAddress(text);
  if (address !== undefined) return address;
  context.addIssue({ code: "custom", message: "HOST:PORT, for example 127.0.0.1:7070", input: text });
  return z.NEVER;
});
