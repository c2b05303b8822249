// Unpacking of a snappy block: https://github.com/google/snappy/blob/main/format_description.txt
//
//      literal   length │ bytes …           bytes that stand in the block
//      copy      length │ distance back     bytes that were unpacked before
//
// Bytes are moved sixteen at a time, past the end of what is wanted: what comes next overwrites it. So up
// to 80 bytes behind the output's end may be overwritten, and as many behind the input's end are read.

const LITERAL: u32 = 0;
const COPY_1: u32 = 1;
const COPY_2: u32 = 2;

/** Unpacks elements from [input, inputEnd) to [output, outputEnd). False where they are not exactly that. */
export function unpackSnappy(input: usize, inputEnd: usize, output: usize, outputEnd: usize): bool {
  let at = input;
  let to = output;
  while (at < inputEnd) {
    const tag = <u32>load<u8>(at++);
    const kind = tag & 3;
    if (kind == LITERAL) {
      let size = <usize>(tag >> 2) + 1;
      if (size > 60) {
        // One to four bytes hold the length less one.
        const bytes = size - 60;
        size = <usize>(load<u32>(at) & (bytes == 4 ? 0xffffffff : (<u32>1 << (<u32>bytes << 3)) - 1)) + 1;
        at += bytes;
        // Over 4 GiB, the sum has gone round.
        if (size == 0) return false;
      }
      if (at > inputEnd || size > inputEnd - at || size > outputEnd - to) return false;
      copyForward(at, to, size);
      at += size;
      to += size;
      continue;
    }
    let size: usize;
    let distance: usize;
    if (kind == COPY_1) {
      size = <usize>((tag >> 2) & 7) + 4;
      distance = <usize>(((tag >> 5) << 8) | <u32>load<u8>(at));
      at += 1;
    } else if (kind == COPY_2) {
      size = <usize>(tag >> 2) + 1;
      distance = <usize>load<u16>(at);
      at += 2;
    } else {
      size = <usize>(tag >> 2) + 1;
      distance = <usize>load<u32>(at);
      at += 4;
    }
    if (at > inputEnd || distance == 0 || distance > to - output || size > outputEnd - to) return false;
    const from = to - distance;
    if (distance >= 16) {
      copyForward(from, to, size);
    } else {
      // Source and target overlap: the bytes repeat.
      for (let i: usize = 0; i < size; i++) store<u8>(to + i, load<u8>(from + i));
    }
    to += size;
  }
  return to == outputEnd;
}

function copyForward(from: usize, to: usize, size: usize): void {
  for (let i: usize = 0; i < size; i += 16) v128.store(to + i, v128.load(from + i));
}
