/**
 * Names of block files: `00000012-1.block` is the block of id 12, merged once; `00000012-1-3.block` the same
 * after what was deleted of it was taken away for the third time.
 */

const PATTERN = /^(\d{8,15})-(\d{1,3})(?:-(\d{1,9}))?\.block$/;

export interface BlockName {
  readonly id: number;
  readonly level: number;
  readonly revision: number;
}

export function blockFile({ id, level, revision }: BlockName): string {
  const suffix = revision === 0 ? "" : `-${revision}`;
  return `${String(id).padStart(8, "0")}-${level}${suffix}.block`;
}

export function parseBlockFile(file: string): BlockName | undefined {
  const match = PATTERN.exec(file);
  if (match === null) return undefined;
  return { id: Number(match[1]), level: Number(match[2]), revision: Number(match[3] ?? 0) };
}
