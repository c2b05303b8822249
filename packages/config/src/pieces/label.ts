/** Labels in configuration: names may be any UTF-8 text that is not empty, as in Prometheus 3. */
import { Labels } from "@binnacle/model";
import { z } from "zod";

export const labelName = z.string().refine((text) => text !== "" && text.isWellFormed(), {
  error: "a label name: any text that is not empty",
});

/** A mapping of names to values → Labels. Values that look like numbers are taken as they are written. */
export const labelSet = z.record(labelName, z.string()).transform((object) => Labels.fromObject(object));
