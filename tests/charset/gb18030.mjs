// What ICU reads as GB 18030, through TextDecoder with every error reported: 32-bit big-endian numbers for each single byte,
// each pair of bytes, then each four-byte code from 81308130 to FE39FE39. A code point, 0x80000000 | first << 16 | second for
// two characters, or 0xFFFFFFFF when the bytes are refused.
import { writeSync } from 'node:fs';

const decoder = new TextDecoder('gb18030', { fatal: true, ignoreBOM: true });
const REFUSED = 0xffffffff;
const answers = new DataView(new ArrayBuffer(4 * (0x100 + 0x10000 + 126 * 10 * 126 * 10)));
let at = 0;

function answer(bytes) {
  let number = REFUSED;
  try {
    const text = decoder.decode(bytes);
    const points = Array.from(text, (character) => character.codePointAt(0));
    number = points.length === 1 ? points[0] : (0x80000000 | (points[0] << 16) | points[1]) >>> 0;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  answers.setUint32(at, number);
  at += 4;
}

const one = new Uint8Array(1), two = new Uint8Array(2), four = new Uint8Array(4);
for (one[0] = 0; ; one[0]++) {
  answer(one);
  if (one[0] === 0xff) break;
}
for (let pair = 0; pair < 0x10000; pair++) {
  two[0] = pair >> 8;
  two[1] = pair & 0xff;
  answer(two);
}
for (let first = 0x81; first <= 0xfe; first++)
  for (let second = 0x30; second <= 0x39; second++)
    for (let third = 0x81; third <= 0xfe; third++)
      for (let fourth = 0x30; fourth <= 0x39; fourth++) {
        four.set([first, second, third, fourth]);
        answer(four);
      }

const bytes = new Uint8Array(answers.buffer);
for (let sent = 0; sent < bytes.length; ) sent += writeSync(1, bytes, sent);
