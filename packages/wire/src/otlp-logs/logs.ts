/** Log records as they came, whether in protobuf or in JSON. */
import type { AnyValue, Attribute, Resource, Scope } from "../otlp/common.ts";

export interface OtlpLogRecord {
  /** Unix ns; 0 where it is not known. */
  readonly timeNs: bigint;
  readonly observedNs: bigint;
  /** 0 where there is none. */
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: AnyValue;
  readonly attributes: readonly Attribute[];
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly eventName: string;
}

export interface ScopeLogs {
  readonly scope: Scope;
  readonly records: readonly OtlpLogRecord[];
}

export interface ResourceLogs {
  readonly resource: Resource;
  readonly scopes: readonly ScopeLogs[];
}
