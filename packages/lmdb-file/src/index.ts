export { decodeCheckedJson, encodeCheckedJson } from "./checked-json.ts";
export { DiskGuard, type DiskGuardOptions, type DiskSpace } from "./disk-guard.ts";
export { linkOrCopy, replaceFile, syncDirectory } from "./durable-file.ts";
export {
  findDamage,
  openEnvironment,
  openOrSetAside,
  removeEnvironment,
  type OpenedEnvironment,
} from "./open.ts";
export { readLmdbFile } from "./read-file.ts";
export { closeEnvironment, commit } from "./write.ts";
export { Salvage, salvageLmdbFile, type ValuePlace } from "./salvage.ts";
