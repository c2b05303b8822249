/**
 * A query thread as store-reader.test.ts starts it: reads all there is when it is asked, and answers in plain
 * form.
 */
import { parentPort, type MessagePort } from "node:worker_threads";
import { openMetricReader } from "./reader.ts";
import { readAll } from "./test-store.ts";

parentPort!.once("message", (port: MessagePort) => {
  const source = openMetricReader(port);
  parentPort!.on("message", (matchers: Parameters<typeof readAll>[1]) => {
    void readAll(source, matchers).then(
      (found) => parentPort!.postMessage(found, []),
      (error: unknown) => parentPort!.postMessage({ error: [String(error)] }, []),
    );
  });
});
