/** Names of block files: `00000012-1.block` is the block of id 12, once merged. */

const PATTERN = /^(\d{8,15})-(\d{1,3})\.block$/;

export function blockFile(id: number, level: number): string {
  return `${String(id).padStart(8, "0")}-${level}.block`;
}

export function parseBlockFile(file: string): { id: number; level: number } | undefined {
  const match = PATTERN.exec(file);
  return match === null ? undefined : { id: Number(match[1]), level: Number(match[2]) };
}
