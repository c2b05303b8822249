/** The JSON envelope of Prometheus's and Loki's APIs. */
import { Type, type TSchema } from "typebox";

export const Success = <Data extends TSchema>(data: Data) =>
  Type.Object({
    status: Type.Literal("success"),
    data,
    warnings: Type.Optional(Type.Array(Type.String())),
    infos: Type.Optional(Type.Array(Type.String())),
  });

export const Failure = Type.Object({
  status: Type.Literal("error"),
  errorType: Type.String(),
  error: Type.String(),
});
export type Failure = Type.Static<typeof Failure>;

export const LabelObject = Type.Record(Type.String(), Type.String());
export type LabelObject = Type.Static<typeof LabelObject>;

/** [Unix seconds, value as text]: JSON has no infinities. */
export const Point = Type.Tuple([Type.Number(), Type.String()]);

/** [boundary rule, lower, upper, count] of a native histogram's bucket. */
const Bucket = Type.Tuple([Type.Integer(), Type.String(), Type.String(), Type.String()]);
export const HistogramPoint = Type.Tuple([
  Type.Number(),
  Type.Object({ count: Type.String(), sum: Type.String(), buckets: Type.Optional(Type.Array(Bucket)) }),
]);

export const MatrixSeries = Type.Object({
  metric: LabelObject,
  values: Type.Optional(Type.Array(Point)),
  histograms: Type.Optional(Type.Array(HistogramPoint)),
});
export const VectorSample = Type.Object({
  metric: LabelObject,
  value: Type.Optional(Point),
  histogram: Type.Optional(HistogramPoint),
});

export const MatrixData = Type.Object({
  resultType: Type.Literal("matrix"),
  result: Type.Array(MatrixSeries),
});
export const VectorData = Type.Object({
  resultType: Type.Literal("vector"),
  result: Type.Array(VectorSample),
});
export const ScalarData = Type.Object({ resultType: Type.Literal("scalar"), result: Point });
export const StringData = Type.Object({ resultType: Type.Literal("string"), result: Point });
export const QueryData = Type.Union([MatrixData, VectorData, ScalarData, StringData]);
export type QueryData = Type.Static<typeof QueryData>;
export type MatrixSeries = Type.Static<typeof MatrixSeries>;
export type VectorSample = Type.Static<typeof VectorSample>;
