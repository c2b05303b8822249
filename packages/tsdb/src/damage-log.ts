/** Says and counts what is found damaged in files, whichever thread finds it: each place once. */
import type { Counter, Logger } from "@binnacle/model";
import type { Damage, DamageSink } from "./block/damage.ts";
import { DAMAGE_REMEMBERED_MAX } from "./limits.ts";

const OF_INDEX = "the block's other copy of its index is read instead";
const COSTS: Readonly<Record<Damage["part"], string>> = {
  values: "the samples of this page are lost",
  times: OF_INDEX,
  symbols: OF_INDEX,
  series: OF_INDEX,
  labels: OF_INDEX,
  header: OF_INDEX,
  trailer: OF_INDEX,
  footer: OF_INDEX,
  journal: "the rest of it is searched for the record",
};

export class DamageLog {
  readonly #logger: Logger;
  readonly #counter: Counter;
  readonly #known = new Set<string>();

  constructor(logger: Logger, counter: Counter) {
    this.#logger = logger;
    this.#counter = counter;
  }

  readonly note: DamageSink = ({ path, part, message }: Damage): void => {
    if (this.#known.has(message)) return;
    if (this.#known.size >= DAMAGE_REMEMBERED_MAX) this.#known.clear();
    this.#known.add(message);
    this.#counter.inc({ part });
    this.#logger.error({ path, part, damage: message }, `a file is damaged: ${COSTS[part]}`);
  };
}
