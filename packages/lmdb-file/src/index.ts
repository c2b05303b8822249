export {
  findDamage,
  openEnvironment,
  openOrSetAside,
  removeEnvironment,
  type OpenedEnvironment,
} from "./open.ts";
export { readLmdbFile, salvageLmdbFile } from "./read-file.ts";
