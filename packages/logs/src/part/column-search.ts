/** Which values of a column meet a condition. */
import type { Condition } from "./needle.ts";
import type { Values } from "./column-values.ts";
import { CONSTANT, DELTAS, maskOf, PLANES, type ColumnHeader } from "./variable-column.ts";

/** Whether some value may meet it, by what the header says. */
export function mayMeet({ kind, prefix, width, mask }: ColumnHeader, condition: Condition): boolean {
  const { text } = condition;
  if (kind === CONSTANT) return meets(prefix, 0, prefix.length, condition);
  let known = maskOf(prefix, 0, prefix.length);
  known |= kind === PLANES || kind === DELTAS ? 1 : mask;
  if ((condition.mask & ~known) !== 0) return false;
  if (width > 0) {
    const length = prefix.length + width;
    if (condition.kind === "equals" ? text.length !== length : text.length > length) return false;
  }
  if (condition.kind === "equals" || condition.kind === "begins") {
    const common = Math.min(prefix.length, text.length);
    for (let i = 0; i < common; i++) if (prefix[i] !== text[i]) return false;
    if (condition.kind === "equals" && text.length < prefix.length) return false;
  }
  return true;
}

/** Whether a header alone says that all values meet it. */
export function allMeet({ kind, prefix }: ColumnHeader, condition: Condition): boolean {
  return (
    (kind === CONSTANT || condition.kind === "begins" || condition.kind === "contains") &&
    meets(prefix, 0, prefix.length, condition)
  );
}

/** Takes the flag of each value that does not meet it away. */
export function keepMeeting(values: Values, condition: Condition, flags: Uint8Array): void {
  const scratch = new Uint8Array(values.bytesMax + 16);
  const { entries } = values;
  if (entries === undefined) {
    for (let i = 0; i < flags.length; i++) {
      if (flags[i] === 0) continue;
      if (!meets(scratch, 0, values.write(i, scratch, 0), condition)) flags[i] = 0;
    }
    return;
  }
  const verdicts = new Uint8Array(entries.count);
  for (let entry = 0; entry < entries.count; entry++) {
    verdicts[entry] = meets(scratch, 0, values.writeEntry(entry, scratch, 0), condition) ? 1 : 0;
  }
  for (let i = 0; i < flags.length; i++) flags[i]! &= verdicts[entries.of[i]!]!;
}

function meets(bytes: Uint8Array, from: number, to: number, { kind, text }: Condition): boolean {
  const length = to - from;
  if (length < text.length) return false;
  switch (kind) {
    case "equals":
      return length === text.length && stands(bytes, from, text);
    case "begins":
      return stands(bytes, from, text);
    case "ends":
      return stands(bytes, to - text.length, text);
    default: {
      const last = to - text.length;
      for (let at = from; at <= last; at++) if (stands(bytes, at, text)) return true;
      return false;
    }
  }
}

function stands(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}
