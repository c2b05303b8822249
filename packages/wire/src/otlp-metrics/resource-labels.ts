/** Labels of series from attributes: of the point, of its resource and of its scope. */
import { compareText, Labels, METRIC_NAME } from "@binnacle/model";
import { pairsProblem } from "../label-checks.ts";
import { anyValueText, type Attribute, type Resource, type Scope } from "../otlp/common.ts";
import { labelNameOf } from "./names.ts";
import type { OtlpMetricsOptions } from "./options.ts";

const SERVICE_NAME = "service.name";
const SERVICE_NAMESPACE = "service.namespace";
const SERVICE_INSTANCE = "service.instance.id";
const IDENTIFYING: ReadonlySet<string> = new Set([SERVICE_NAME, SERVICE_NAMESPACE, SERVICE_INSTANCE]);
const TARGET_INFO = "target_info";

/** One resource's and scope's part of all its series' labels. */
export class SeriesLabels {
  readonly #options: OtlpMetricsOptions;
  /** By name; what a point's attributes say goes before it. */
  readonly #promoted: readonly (readonly [string, string])[];
  /** These go before what a point's attributes say. */
  readonly #fixed: readonly (readonly [string, string])[];

  constructor(
    from: { readonly resource: Resource; readonly scope: Scope; readonly schemaUrl: string },
    options: OtlpMetricsOptions,
  ) {
    const { resource, scope, schemaUrl } = from;
    this.#options = options;
    this.#promoted = promotedOf(resource, options);
    this.#fixed = [...scopeLabels(scope, schemaUrl, options), ...targetLabels(resource)];
  }

  /** Labels of a point without a metric name, or what is wrong with them. */
  of(attributes: readonly Attribute[]): Labels | string {
    const labels = labelsOfAttributes(attributes, this.#options);
    for (const [name, value] of this.#promoted) if (!labels.has(name)) labels.set(name, value);
    for (const [name, value] of this.#fixed) labels.set(name, value);
    return checked(labels);
  }
}

/** The labels of target_info; undefined where there is nothing to tell or nobody to tell it of. */
export function targetInfoLabels(resource: Resource, options: OtlpMetricsOptions): Labels | undefined {
  const identity = targetLabels(resource);
  const others = resource.attributes.filter(({ key }) => !IDENTIFYING.has(key));
  if (identity.length === 0 || others.length === 0) return undefined;
  const told = options.keepsIdentifyingResourceAttributes ? resource.attributes : others;
  const labels = labelsOfAttributes(told, options);
  for (const [name, value] of identity) labels.set(name, value);
  labels.set(METRIC_NAME, TARGET_INFO);
  const result = checked(labels);
  return typeof result === "string" ? undefined : result;
}

/** job and instance, as far as the resource says who it is. */
function targetLabels({ attributes }: Resource): [string, string][] {
  const byKey = new Map(attributes.map(({ key, value }) => [key, anyValueText(value)]));
  const labels: [string, string][] = [];
  const name = byKey.get(SERVICE_NAME);
  const namespace = byKey.get(SERVICE_NAMESPACE);
  if (name !== undefined) labels.push(["job", namespace === undefined ? name : `${namespace}/${name}`]);
  const instance = byKey.get(SERVICE_INSTANCE);
  if (instance !== undefined) labels.push(["instance", instance]);
  return labels;
}

function promotedOf({ attributes }: Resource, options: OtlpMetricsOptions): [string, string][] {
  const isPromoted = options.promotesAllResourceAttributes
    ? (key: string): boolean => !options.ignoredResourceAttributes.includes(key)
    : (key: string): boolean => options.promotedResourceAttributes.includes(key);
  return attributes
    .filter(({ key }) => isPromoted(key))
    .map(({ key, value }): [string, string] => [labelNameOf(key, options), anyValueText(value)])
    .filter(([name]) => name !== "");
}

function scopeLabels(scope: Scope, schemaUrl: string, options: OtlpMetricsOptions): [string, string][] {
  if (!options.promotesScopeMetadata || scope.name === "") return [];
  return [
    ["otel_scope_name", scope.name],
    ["otel_scope_version", scope.version],
    ["otel_scope_schema_url", schemaUrl],
    ...scope.attributes.map(({ key, value }): [string, string] => [
      labelNameOf(`otel_scope_${key}`, options),
      anyValueText(value),
    ]),
  ];
}

/** Values of names that have become one are put together, in order of the names that they had. */
function labelsOfAttributes(
  attributes: readonly Attribute[],
  options: OtlpMetricsOptions,
): Map<string, string> {
  const labels = new Map<string, string>();
  const sorted =
    attributes.length < 2 ? attributes : [...attributes].sort((a, b) => compareText(a.key, b.key));
  for (const { key, value } of sorted) {
    const name = labelNameOf(key, options);
    if (name === "") continue;
    const text = anyValueText(value);
    const other = labels.get(name);
    labels.set(name, other === undefined ? text : `${other};${text}`);
  }
  return labels;
}

function checked(labels: Map<string, string>): Labels | string {
  return pairsProblem([...labels].flat()) ?? Labels.from(labels);
}
