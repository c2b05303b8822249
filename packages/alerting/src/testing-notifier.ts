/** A process with a notifier, for tests that kill it: told over IPC of alerts that fire or are resolved. */
import { loadYaml } from "@binnacle/config";
import { Labels } from "@binnacle/model";
import { notificationsSchema } from "./config/notifications.ts";
import { Notifier } from "./notify/notifier.ts";

const [, , dir, url] = process.argv;
const config = loadYaml(
  notificationsSchema,
  `route: { receiver: hook, group_wait: 10ms, group_interval: 50ms }
receivers: [{ name: hook, webhook_configs: [{ url: '${url}' }] }]`,
  { file: "test.yml" },
);
const notifier = await Notifier.open({ dir: dir!, config, externalUrl: "http://localhost" });
process.on("message", ({ name, state }: { name: string; state: "firing" | "resolved" }) => {
  const nowMs = Date.now();
  notifier.receive([
    {
      labels: Labels.fromObject({ alertname: name }),
      annotations: Labels.EMPTY,
      startsAtMs: nowMs - 1,
      endsAtMs: state === "firing" ? nowMs + 3_600_000 : nowMs,
      generatorUrl: "",
    },
  ]);
});
process.send!("ready");
