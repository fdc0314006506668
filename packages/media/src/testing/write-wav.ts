export interface WavOptions {
  encoding: 'u8' | 's16' | 's24' | 's32' | 'f32' | 'alaw' | 'mulaw';
  sampleRate: number;
  /** A chunk before the sound that holds words. */
  list?: boolean;
  /** What it says of the sound's length, bytes; the truth unless told. */
  length?: number;
}

interface Encoding {
  code: number;
  bytes: number;
  write(buffer: Buffer, sample: number, at: number): void;
}

const encodings: Record<WavOptions['encoding'], Encoding> = {
  u8: {
    code: 1,
    bytes: 1,
    write: (buffer, sample, at) => buffer.writeUInt8(Math.round(sample * 127) + 128, at),
  },
  s16: {
    code: 1,
    bytes: 2,
    write: (buffer, sample, at) => buffer.writeInt16LE(Math.round(sample * 0x7fff), at),
  },
  s24: {
    code: 1,
    bytes: 3,
    write: (buffer, sample, at) => buffer.writeIntLE(Math.round(sample * 0x7f_ffff), at, 3),
  },
  s32: {
    code: 1,
    bytes: 4,
    write: (buffer, sample, at) => buffer.writeInt32LE(Math.round(sample * 0x7fff_ffff), at),
  },
  f32: { code: 3, bytes: 4, write: (buffer, sample, at) => buffer.writeFloatLE(sample, at) },
  alaw: { code: 6, bytes: 1, write: (buffer, sample, at) => buffer.writeUInt8(toALaw(sample), at) },
  mulaw: { code: 7, bytes: 1, write: (buffer, sample, at) => buffer.writeUInt8(toMuLaw(sample), at) },
};

/** Writes sound, −1 … 1, one array for each channel, as a WAV file. */
export function writeWav(channels: readonly Float32Array[], options: WavOptions): Buffer {
  const { code, bytes, write } = encodings[options.encoding];
  const frames = channels[0]?.length ?? 0;
  const data = Buffer.alloc(frames * channels.length * bytes);
  channels.forEach((channel, index) => {
    channel.forEach((sample, frame) => {
      write(data, sample, (frame * channels.length + index) * bytes);
    });
  });
  const format = Buffer.alloc(16);
  format.writeUInt16LE(code, 0);
  format.writeUInt16LE(channels.length, 2);
  format.writeUInt32LE(options.sampleRate, 4);
  format.writeUInt32LE(options.sampleRate * channels.length * bytes, 8);
  format.writeUInt16LE(channels.length * bytes, 12);
  format.writeUInt16LE(bytes * 8, 14);
  const list = options.list ? [chunk('LIST', Buffer.from('an odd one!'))] : [];
  return Buffer.concat([
    chunk('RIFF', Buffer.from('WAVE'), data.length + 36).subarray(0, 12),
    chunk('fmt ', format),
    ...list,
    chunk('data', data, options.length),
  ]);
}

function chunk(name: string, body: Buffer, length = body.length): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 0, 'latin1');
  head.writeUInt32LE(length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

/** ITU-T G.711, by its definition as segments. */
function toMuLaw(sample: number): number {
  const magnitude = Math.min(32_635, Math.abs(Math.round(sample * 0x8000))) + 0x84;
  const exponent = Math.floor(Math.log2(magnitude)) - 7;
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
}

function toALaw(sample: number): number {
  const magnitude = Math.min(32_767, Math.abs(Math.round(sample * 0x8000)));
  const exponent = magnitude < 256 ? 0 : Math.floor(Math.log2(magnitude)) - 7;
  const mantissa = (magnitude >> (exponent === 0 ? 4 : exponent + 3)) & 0x0f;
  return ((sample < 0 ? 0 : 0x80) | (exponent << 4) | mantissa) ^ 0x55;
}
