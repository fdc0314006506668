/**
 * A FLAC file of nothing but silence, as small as can be: each frame of some 14 bytes stands for 65,535 samples of one
 * channel.
 */
export function writeSilentFlac(frames: number): Buffer {
  const info = Buffer.alloc(34);
  info.writeUInt16BE(blockSize, 0);
  info.writeUInt16BE(blockSize, 2);
  // 20 bits of rate, 3 of channels - 1, 5 of bits per sample - 1, 36 of samples: 0, not told.
  info.writeUInt32BE((8_000 << 12) | (15 << 4), 10);
  const head = Buffer.from([0x80, 0, 0, info.length]);
  return Buffer.concat([
    Buffer.from('fLaC'),
    head,
    info,
    ...Array.from({ length: frames }, (_, index) => silentFrame(index)),
  ]);
}

const blockSize = 65_535;

function silentFrame(index: number): Buffer {
  // Fixed blocks, their size in 16 bits behind the number, 8 kHz, one channel of 16 bits.
  const head = Buffer.from([0xff, 0xf8, 0x74, 0x08, ...codedNumber(index), 0xff, 0xfe]);
  const constant = Buffer.from([0, 0, 0]);
  const body = Buffer.concat([head, Buffer.from([crc(head, 8, 0x07)]), constant]);
  const sum = Buffer.alloc(2);
  sum.writeUInt16BE(crc(body, 16, 0x8005));
  return Buffer.concat([body, sum]);
}

function codedNumber(value: number): Buffer {
  return Buffer.from(String.fromCodePoint(value), 'utf8');
}

function crc(bytes: Buffer, bits: 8 | 16, polynomial: number): number {
  const top = 1 << (bits - 1);
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << (bits - 8);
    for (let bit = 0; bit < 8; bit += 1)
      sum = (sum & top ? (sum << 1) ^ polynomial : sum << 1) & (2 * top - 1);
  }
  return sum;
}
