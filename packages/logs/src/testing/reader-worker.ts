/** A query thread for tests: reads the store through its port and answers with what it finds. */
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { QueryContext, servePort, type LogSelection } from "@binnacle/model";
import { LogEngine, type LogRangeQuery } from "../engine/index.ts";
import { openLogReader } from "../reader.ts";
import { dump } from "./fixtures.ts";

const source = openLogReader((workerData as { port: MessagePort }).port);

servePort(parentPort!, {
  dump: (selection: Partial<LogSelection>) => dump(source, selection),
  names: () =>
    source.labelNames({ selectors: [], startMs: 0, endMs: 1e13, limit: undefined }, new QueryContext()),
  query: async (query: LogRangeQuery) =>
    (await new LogEngine().range(query, source, new QueryContext())).value,
});
