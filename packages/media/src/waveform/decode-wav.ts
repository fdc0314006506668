import { SwitchboardError } from '@switchboard/platform';
import type { SoundDecoder } from './decoder.ts';

type ReadSample = (bytes: Buffer, at: number) => number;

/** Format codes of RIFF: 1 PCM, 3 float, 6 A-law, 7 µ-law, 0xfffe: the code stands in the extension. */
const readers: Record<string, ReadSample> = {
  '1:8': (bytes, at) => (bytes.readUInt8(at) - 128) / 128,
  '1:16': (bytes, at) => bytes.readInt16LE(at) / 0x8000,
  '1:24': (bytes, at) => bytes.readIntLE(at, 3) / 0x80_0000,
  '1:32': (bytes, at) => bytes.readInt32LE(at) / 0x8000_0000,
  '3:32': (bytes, at) => bytes.readFloatLE(at),
  '6:8': (bytes, at) => expandALaw(bytes.readUInt8(at)),
  '7:8': (bytes, at) => expandMuLaw(bytes.readUInt8(at)),
};

interface Format {
  read: ReadSample;
  channels: number;
  sampleRate: number;
  sampleBytes: number;
}

/** Decodes WAV as telephony writes it: PCM of any width, float, A-law and µ-law; also where its length is not told. */
export function createWavDecoder(): SoundDecoder {
  let waiting: Buffer = Buffer.alloc(0);
  let format: Format | undefined;
  let started = false;
  /** Bytes of the chunk of sound that are to come. */
  let left = 0;
  let skip = 0;

  /** Reads headers of chunks up to the sound. @returns whether it stands at the sound */
  function readHeaders(): boolean {
    if (!started) {
      if (waiting.length < 12) return false;
      waiting = waiting.subarray(12);
      started = true;
    }
    for (;;) {
      const skipped = Math.min(skip, waiting.length);
      waiting = waiting.subarray(skipped);
      skip -= skipped;
      if (skip > 0 || waiting.length < 8) return false;
      const name = waiting.toString('latin1', 0, 4);
      const size = waiting.readUInt32LE(4);
      if (name === 'data') {
        if (!format) throw notSound();
        // A writer that could not go back says 0, or as much as fits.
        left = size === 0 || size >= 0x7fff_ffff ? Number.POSITIVE_INFINITY : size;
        waiting = waiting.subarray(8);
        return true;
      }
      if (name === 'fmt ') {
        if (size < 16 || size > 4096) throw notSound();
        if (waiting.length < 8 + size) return false;
        format = readFormat(waiting.subarray(8, 8 + size));
      }
      skip = 8 + size + (size % 2);
    }
  }

  return {
    async decode(chunk) {
      waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
      if (left === 0 && !readHeaders()) return undefined;
      if (!format) return undefined;
      const { channels, sampleBytes, sampleRate, read } = format;
      const frameBytes = channels * sampleBytes;
      const frames = Math.floor(Math.min(waiting.length, left) / frameBytes);
      const channelData = Array.from({ length: channels }, (_, channel) =>
        Float32Array.from({ length: frames }, (_, frame) =>
          read(waiting, frame * frameBytes + channel * sampleBytes),
        ),
      );
      left -= frames * frameBytes;
      if (left < frameBytes) {
        skip = left + (left % 2);
        left = 0;
      }
      waiting = waiting.subarray(frames * frameBytes);
      return { channelData, sampleRate };
    },
    finish: async () => undefined,
    free: () => undefined,
  };
}

function readFormat(bytes: Buffer): Format {
  const code = bytes.readUInt16LE(0);
  const [channels, sampleRate, bits] = [bytes.readUInt16LE(2), bytes.readUInt32LE(4), bytes.readUInt16LE(14)];
  const actual = code === 0xfffe && bytes.length >= 26 ? bytes.readUInt16LE(24) : code;
  const read = readers[`${actual}:${bits}`];
  if (!read || channels < 1 || channels > 32 || sampleRate < 1) throw notSound();
  return { read, channels, sampleRate, sampleBytes: bits / 8 };
}

function notSound(): SwitchboardError {
  return new SwitchboardError('sound_unreadable', 'a WAV file is of no kind that is read');
}

/** ITU-T G.711. */
function expandMuLaw(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4)) - 0x84;
  return (bits & 0x80 ? -magnitude : magnitude) / 0x8000;
}

function expandALaw(code: number): number {
  const bits = code ^ 0x55;
  const exponent = (bits & 0x70) >> 4;
  const mantissa = ((bits & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return (bits & 0x80 ? magnitude : -magnitude) / 0x8000;
}
