/** The rules that come with the program. */
import { fileURLToPath } from "node:url";

/** Path of a rule file that watches what any node has: targets, disks, memory, the agent itself. */
export const DEFAULT_RULES_FILE: string = fileURLToPath(new URL("../../rules/default.yaml", import.meta.url));
