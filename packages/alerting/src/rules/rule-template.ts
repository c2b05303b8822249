/** The templates in a rule's labels and annotations. */
import {
  evaluationFunctions,
  prometheusFunctions,
  record,
  sampleValue,
  Template,
  templateError,
  type GoRecord,
} from "@binnacle/gotemplate";
import {
  BinnacleError,
  type Histogram,
  type InstantQuerier,
  type Labels,
  type QueryValue,
  type VectorSample,
} from "@binnacle/model";
import { TEMPLATE_OUTPUT_BYTES_MAX, TEMPLATE_STEPS_MAX } from "../limits.ts";

const PRELUDE =
  "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}";

/** Throws BAD_TEMPLATE. */
export function parseRuleTemplate(
  text: string,
  options: { readonly name: string; readonly externalUrl?: string },
): Template {
  return Template.parse(text, {
    name: options.name,
    prelude: PRELUDE,
    functions: prometheusFunctions({ externalUrl: options.externalUrl ?? "" }),
    missingKey: "empty",
    maxOutputBytes: TEMPLATE_OUTPUT_BYTES_MAX,
    maxSteps: TEMPLATE_STEPS_MAX,
  });
}

/** What templates of one evaluation have in common. */
export interface Expansion {
  readonly querier: InstantQuerier;
  readonly timeMs: number;
  readonly externalLabels: Labels;
  readonly externalUrl: string;
}

/**
 * What a template writes for a sample. A failure is written into the text, as Prometheus does, and told of.
 */
export async function expandTemplate(
  template: Template,
  sample: VectorSample,
  expansion: Expansion,
  onError: (error: BinnacleError) => void,
): Promise<string> {
  const data = record({
    Labels: new Map(sample.labels.entries()),
    ExternalLabels: new Map(expansion.externalLabels.entries()),
    ExternalURL: expansion.externalUrl,
    Value: sample.histogram === undefined ? sample.value : histogramText(sample.histogram),
  });
  const functions = evaluationFunctions({
    query: (expression) => queryForTemplate(expansion, expression),
    timeMs: expansion.timeMs,
  });
  try {
    return await template.executeAsync(data, { functions });
  } catch (error) {
    if (!(error instanceof BinnacleError)) throw error;
    onError(error);
    return `<error expanding template: ${error.message}>`;
  }
}

async function queryForTemplate(expansion: Expansion, expression: string): Promise<readonly GoRecord[]> {
  let value: QueryValue;
  try {
    ({ value } = await expansion.querier.instant(expression, expansion.timeMs));
  } catch (error) {
    if (error instanceof BinnacleError) throw templateError(error.message);
    throw error;
  }
  if (value.type === "scalar") return [sampleValue(new Map(), value.value)];
  if (value.type !== "vector") throw templateError("the query's result is not a vector or scalar");
  return value.samples.map((sample) => sampleValue(new Map(sample.labels.entries()), sample.value));
}

function histogramText(histogram: Histogram): string {
  return `{count:${histogram.count}, sum:${histogram.sum}}`;
}
