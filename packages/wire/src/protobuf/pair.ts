/** The message that remote write and Loki share: a name (field 1) and a value (field 2). */
import type { ProtobufReader } from "./reader.ts";

/** Reads the message that is the value of the field, and appends name and value. */
export function readPair(reader: ProtobufReader, pairs: string[]): void {
  const outerEnd = reader.enter();
  let name = "";
  let value = "";
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) name = reader.string();
    else if (field === 2) value = reader.string();
    else reader.skip();
  }
  reader.leave(outerEnd);
  pairs.push(name, value);
}
