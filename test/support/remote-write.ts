/** Pushes a recording to a remote write endpoint, as a sender would: some scrapes a request, in order. */
import type { Labels } from "@binnacle/model";
import { WriteRequestEncoder } from "@binnacle/wire";
import type { Recording } from "./recorded.ts";

const ROWS_PER_REQUEST = 20;

/** One series of a request, with samples as [Unix ms, value]. */
export interface WrittenSeries {
  readonly labels: Labels;
  readonly samples: readonly (readonly [number, number])[];
}

/** Posts one request. Resolves with the response, whatever its status. */
export async function postWrite(url: string, series: readonly WrittenSeries[]): Promise<Response> {
  let end = 0;
  const samples = series.flatMap((it) => it.samples);
  const body = new WriteRequestEncoder().encode({
    labels: series.map(({ labels }) => labels),
    sampleOffsets: Uint32Array.from([0, ...series.map((it) => (end += it.samples.length))]),
    sampleTimes: Float64Array.from(samples, ([timeMs]) => timeMs),
    sampleValues: Float64Array.from(samples, ([, value]) => value),
    sampleStartTimes: undefined,
    histograms: [],
    exemplars: [],
    metadata: [],
  });
  return fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/x-protobuf",
      "content-encoding": "snappy",
      "x-prometheus-remote-write-version": "0.1.0",
    },
    body: body as Uint8Array<ArrayBuffer>,
  });
}

export async function pushRecording(
  url: string,
  recording: Recording,
  options: { startMs: number },
): Promise<void> {
  for (let from = 0; from < recording.rowCount; from += ROWS_PER_REQUEST) {
    const to = Math.min(from + ROWS_PER_REQUEST, recording.rowCount);
    const series = recording.series.flatMap(({ labels, values }) => {
      const samples: [number, number][] = [];
      for (let row = from; row < to; row++) {
        const value = values[row]!;
        // Absent in the recording: the exporter did not give the series then.
        if (!Number.isNaN(value)) samples.push([options.startMs + row * recording.stepMs, value]);
      }
      return samples.length === 0 ? [] : [{ labels, samples }];
    });
    const response = await postWrite(url, series);
    if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  }
}
