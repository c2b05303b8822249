/**
 * Cuts what is read of a file into lines, and knows at which offset the line begins that is not yet whole.
 *
 *     …first line\nsecond li│ne\n            │ = end of what was read
 *                 ↑ openOffset
 */

const LINE_FEED = 0x0a;

/**
 * A line without its end. Valid as long as the chunk it was cut from. `isCut`: it was longer than the limit.
 */
export type OnLine = (line: Uint8Array, startOffset: number, isCut: boolean) => void;

export class LineSplitter {
  readonly #bytesMax: number;
  #pieces: Uint8Array[] = [];
  #keptBytes = 0;
  #isCut = false;
  #openOffset: number;
  #offset: number;
  /** The line feed that ends a line already given out by `flush` is not a line of its own. */
  #swallowsLineFeed: boolean;

  /** Begins at an offset of the file; `isMidLine` says that the byte before it is no line feed. */
  constructor(bytesMax: number, offset: number, isMidLine: boolean) {
    this.#bytesMax = bytesMax;
    this.#openOffset = offset;
    this.#offset = offset;
    this.#swallowsLineFeed = isMidLine;
  }

  /** Where the first line begins that was not given out yet: all before it is done with. */
  get openOffset(): number {
    return this.#openOffset;
  }

  get hasOpenLine(): boolean {
    return this.#offset > this.#openOffset;
  }

  /** Takes the next bytes of the file. */
  push(chunk: Uint8Array, onLine: OnLine): void {
    let at = 0;
    if (this.#swallowsLineFeed && chunk.length > 0) {
      this.#swallowsLineFeed = false;
      if (chunk[0] === LINE_FEED) {
        at = 1;
        this.#openOffset = this.#offset + 1;
      }
    }
    const base = this.#offset;
    this.#offset += chunk.length;
    while (at < chunk.length) {
      const end = chunk.indexOf(LINE_FEED, at);
      if (end < 0) break;
      if (this.#pieces.length === 0 && !this.#isCut && end - at <= this.#bytesMax) {
        onLine(chunk.subarray(at, end), this.#openOffset, false);
      } else {
        this.#keep(chunk.subarray(at, end));
        this.#emit(onLine);
      }
      at = end + 1;
      this.#openOffset = base + at;
    }
    // A copy: the rest must not hold on to a whole chunk until its line ends.
    if (at < chunk.length) this.#keep(chunk.slice(at));
  }

  /** Gives out the line that is not whole, as it stands. */
  flush(onLine: OnLine): void {
    if (!this.hasOpenLine) return;
    this.#emit(onLine);
    this.#openOffset = this.#offset;
    this.#swallowsLineFeed = true;
  }

  #keep(piece: Uint8Array): void {
    const room = this.#bytesMax - this.#keptBytes;
    if (piece.length > room) this.#isCut = true;
    if (room <= 0 || piece.length === 0) return;
    const kept = piece.length > room ? piece.subarray(0, room) : piece;
    this.#pieces.push(kept);
    this.#keptBytes += kept.length;
  }

  #emit(onLine: OnLine): void {
    const line = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces, this.#keptBytes);
    const isCut = this.#isCut;
    this.#pieces = [];
    this.#keptBytes = 0;
    this.#isCut = false;
    onLine(line, this.#openOffset, isCut);
  }
}
