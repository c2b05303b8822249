/** LogQL's words, for colours and completion. */

export interface LogqlWord {
  readonly word: string;
  readonly info: string;
}

export const LOGQL_AGGREGATIONS: readonly LogqlWord[] = [
  { word: "sum", info: "Sum over the series of each group" },
  { word: "avg", info: "Mean over the series of each group" },
  { word: "min", info: "Smallest value of each group" },
  { word: "max", info: "Greatest value of each group" },
  { word: "count", info: "Number of series of each group" },
  { word: "topk", info: "The k greatest series" },
  { word: "bottomk", info: "The k smallest series" },
  { word: "stddev", info: "Standard deviation of each group" },
  { word: "stdvar", info: "Variance of each group" },
  { word: "sort", info: "In ascending order" },
  { word: "sort_desc", info: "In descending order" },
];

export const LOGQL_FUNCTIONS: readonly LogqlWord[] = [
  { word: "rate", info: "Lines a second" },
  { word: "count_over_time", info: "Lines in the range" },
  { word: "bytes_rate", info: "Bytes a second" },
  { word: "bytes_over_time", info: "Bytes in the range" },
  { word: "absent_over_time", info: "1 where the range has no line" },
  { word: "sum_over_time", info: "Sum of the unwrapped values" },
  { word: "avg_over_time", info: "Mean of the unwrapped values" },
  { word: "max_over_time", info: "Greatest unwrapped value" },
  { word: "min_over_time", info: "Smallest unwrapped value" },
  { word: "quantile_over_time", info: "A quantile of the unwrapped values" },
  { word: "label_replace", info: "Sets a label from another by a regular expression" },
  { word: "vector", info: "A number as a series" },
];

export const LOGQL_STAGES: readonly LogqlWord[] = [
  { word: "json", info: "Labels from a line of JSON" },
  { word: "logfmt", info: "Labels from a line of key=value pairs" },
  { word: "pattern", info: 'Labels by a pattern: "<ip> - <_> <method>"' },
  { word: "regexp", info: "Labels by named groups of a regular expression" },
  { word: "unpack", info: "Labels that were packed into the line" },
  { word: "line_format", info: "Rewrites the line by a template" },
  { word: "label_format", info: "Renames or rewrites labels" },
  { word: "unwrap", info: "Takes a label as the value" },
  { word: "decolorize", info: "Removes terminal colours" },
  { word: "drop", info: "Removes labels" },
  { word: "keep", info: "Keeps only these labels" },
  { word: "distinct", info: "The first line of each combination of values" },
  { word: "sort", info: "Lines by labels: sort user, took desc" },
  { word: "context", info: "Lines around those found: context before 3 after 3" },
];

export const LOGQL_KEYWORDS: readonly string[] = [
  "by",
  "without",
  "and",
  "or",
  "unless",
  "on",
  "ignoring",
  "group_left",
  "group_right",
  "bool",
  "offset",
  "ip",
];

export const LINE_FILTERS: readonly LogqlWord[] = [
  { word: '|= ""', info: "Lines that contain a text" },
  { word: '!= ""', info: "Lines that do not" },
  { word: '|~ ""', info: "Lines that a regular expression finds" },
  { word: '!~ ""', info: "Lines that it does not" },
];
