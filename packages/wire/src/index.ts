/** Bytes on the network, into columns and back. */
export { dialectOf, type Dialect, EXPOSITION_ACCEPT } from "./exposition/content-type.ts";
export type { LineExemplar } from "./exposition/line.ts";
export { ScrapeParser, type ParsedScrape, type ParseOptions } from "./exposition/scrape-parser.ts";
export {
  type ParsedProtobufScrape,
  ProtobufScrapeParser,
  type ProtobufScrapeOptions,
} from "./exposition-protobuf/protobuf-scrape-parser.ts";
export type { NewSeries, SlotExemplar } from "./exposition/scrape-run.ts";
export { BODY_BYTES_MAX, ENTRY_ERRORS_MAX } from "./limits.ts";
export { type BulkPush, decodeBulk, decodeJsonLines } from "./log-documents/decode.ts";
export type { DocumentOptions } from "./log-documents/document.ts";
export { decodeLegacyLokiJson } from "./loki/legacy-json.ts";
export { decodeLokiJson } from "./loki/json.ts";
export { formatLabelSet, parseLabelSet } from "./loki/label-set.ts";
export { encodeLokiPush, LokiDecoder } from "./loki/protobuf.ts";
export type { LogPush, PushError } from "./loki/push.ts";
export { WriteColumns } from "./remote-write/columns.ts";
export { decodeOtlpLogs } from "./otlp-logs/decode.ts";
export { decodeOtlpMetrics } from "./otlp-metrics/decode.ts";
export {
  OTLP_METRICS_DEFAULTS,
  type OtlpMetricsOptions,
  TRANSLATION_STRATEGIES,
} from "./otlp-metrics/options.ts";
export { type BucketBounds, limitBuckets } from "./native-histogram/limit-buckets.ts";
export { encodeOtlpAnswer, encodeOtlpError, type OtlpEncoding } from "./otlp/answer.ts";
export type { MetricPush } from "./push/metric-push.ts";
export { lz4Decompress } from "./lz4/frame.ts";
export { decodeCsv } from "./push-text/csv.ts";
export { parseCsvFormat } from "./push-text/csv-format.ts";
export { decodeExpositionLines } from "./push-text/exposition-lines.ts";
export { decodeInflux, INFLUX_PRECISIONS } from "./push-text/influx.ts";
export { decodeJsonSeries } from "./push-text/json-series.ts";
export type { PushTextOptions } from "./push-text/options.ts";
export { WriteRequestDecoder } from "./remote-write/decode-v1.ts";
export { decodeWriteMessageV2, decodeWriteRequestV2 } from "./remote-write/decode-v2.ts";
export { WriteRequestEncoder } from "./remote-write/encode.ts";
export {
  NO_SERIES_NUMBER,
  type DecodedWrite,
  type SeriesError,
  type WriteExemplar,
  type WriteHistogram,
  type WriteRequest,
} from "./remote-write/write-request.ts";
export { readSyslogDate, type SyslogDateOptions } from "./syslog/date.ts";
export { SyslogFramer } from "./syslog/framer.ts";
export { parseSyslog, type SyslogMessage } from "./syslog/message.ts";
export { syslogPush, type TimedSyslog } from "./syslog/push.ts";
export { type DecompressOptions, snappyCompress, snappyDecompress } from "./snappy.ts";
export { classicAsNative, type ClassicBucket } from "./native-histogram/classic.ts";
