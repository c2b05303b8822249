/** External labels tell which server an alert comes from; a label that the alert has already stays. */
import { Labels } from "@binnacle/model";

export function withExternalLabels(labels: Labels, external: Labels): Labels {
  return external.size === 0 ? labels : Labels.from([...external.entries(), ...labels.entries()]);
}
