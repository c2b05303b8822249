/** What is not allowed in a label's name becomes `_`. */

export function sanitizeLabelName(key: string, isStart: boolean): string {
  if (/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(key)) return key;
  const trimmed = key.trim();
  const name = trimmed.replaceAll(/[^a-zA-Z0-9_:]/gu, "_");
  return isStart && /^\d/.test(name) ? `_${name}` : name;
}
