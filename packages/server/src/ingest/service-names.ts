/**
 * The label `service_name`, which Grafana's pages about logs begin with. Names and their order are Loki's.
 */
import { withLabels, type Labels, type LogEntries } from "@binnacle/model";

const SERVICE_NAME = "service_name";

export const SERVICE_NAME_LABELS = [
  "service",
  "app",
  "application",
  "app_name",
  "name",
  "app_kubernetes_io_name",
  "container",
  "container_name",
  "k8s_container_name",
  "component",
  "workload",
  "job",
  "k8s_job_name",
] as const;

/**
 * Adds `service_name` to streams that have none, as Loki does at push. Label sets are made once for each
 * they come from.
 */
export class ServiceNames {
  readonly #named = new WeakMap<Labels, Labels>();

  addTo(streams: readonly LogEntries[]): readonly LogEntries[] {
    return streams.map((entries) => withLabels(entries, this.#withServiceName(entries.labels)));
  }

  #withServiceName(labels: Labels): Labels {
    if (labels.has(SERVICE_NAME)) return labels;
    let named = this.#named.get(labels);
    if (named === undefined) {
      const from = SERVICE_NAME_LABELS.find((name) => labels.get(name) !== "");
      named = labels.with({ [SERVICE_NAME]: from === undefined ? "unknown_service" : labels.get(from) });
      this.#named.set(labels, named);
    }
    return named;
  }
}
