/** How a physical line of a file becomes a line of a stream: what all formats share. */

/** Which output of a container a line came from; "" where a file has but one. */
export type StreamName = "stdout" | "stderr" | "";

/** A line as the program wrote it. Valid as long as the bytes it was decoded from. */
export interface DecodedLine {
  readonly stream: StreamName;
  /** Unix ns. */
  readonly timeNs: bigint;
  readonly line: Uint8Array;
  /** It was longer than LOG_LINE_BYTES_MAX. */
  readonly isCut: boolean;
  /** The physical line was not what the format says: it is passed on as it stands. */
  readonly isMalformed: boolean;
}

export type OnDecoded = (line: DecodedLine) => void;

export interface LineDecoder {
  /** `nowNs` is given to lines that bring no time. */
  decode(line: Uint8Array, startOffset: number, isCut: boolean, nowNs: bigint, onLine: OnDecoded): void;
  /** Where the first physical line begins whose content was not given out yet, if there is one. */
  readonly openOffset: number | undefined;
  /** Gives out what was joined so far of lines that came in parts. */
  flush(onLine: OnDecoded): void;
}
