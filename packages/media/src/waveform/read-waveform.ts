import { SwitchboardError } from '@switchboard/platform';
import { createWavDecoder } from './decode-wav.ts';
import type { Sound, SoundDecoder } from './decoder.ts';
import { createPeakMeter, type Waveform } from './peaks.ts';

const pieceBytes = 64 * 1024;

const decoders = new Map<string, () => Promise<SoundDecoder>>([
  ['audio/wav', async () => createWavDecoder()],
  ['audio/mpeg', createMpegDecoder],
  ['audio/ogg; codecs=opus', createOpusDecoder],
  ['audio/flac', createFlacDecoder],
  ['audio/amr', createAmrDecoder],
]);

/** Whether a waveform can be made of sound of this type. */
export function isReadableSound(type: string): boolean {
  return decoders.has(type);
}

/**
 * Decodes sound piece by piece, and keeps its peaks alone: what it needs of memory does not grow with its length.
 * @throws SwitchboardError `sound_unreadable`: of no type that is decoded, or no sample came of it
 */
export async function readWaveform(type: string, body: AsyncIterable<Uint8Array>): Promise<Waveform> {
  const decoder = await decoders.get(type)?.();
  if (!decoder) throw unreadable();
  const meter = createPeakMeter();
  const take = (sound: Sound | undefined) => sound && meter.add(sound.channelData, sound.sampleRate);
  try {
    for await (const chunk of body)
      for (let at = 0; at < chunk.length; at += pieceBytes)
        take(await decoder.decode(Buffer.from(chunk.subarray(at, at + pieceBytes))));
    take(await decoder.finish());
  } finally {
    decoder.free();
  }
  const waveform = meter.finish();
  if (waveform.peaks.length === 0) throw unreadable();
  return waveform;
}

async function createMpegDecoder(): Promise<SoundDecoder> {
  const { MPEGDecoder } = await import('mpg123-decoder');
  const decoder = new MPEGDecoder();
  await decoder.ready;
  return {
    decode: async (chunk) => decoder.decode(chunk),
    finish: async () => undefined,
    free: () => decoder.free(),
  };
}

async function createOpusDecoder(): Promise<SoundDecoder> {
  const { OggOpusDecoder } = await import('ogg-opus-decoder');
  const decoder = new OggOpusDecoder();
  await decoder.ready;
  return {
    decode: async (chunk) => decoder.decode(chunk),
    finish: () => decoder.flush(),
    free: () => decoder.free(),
  };
}

async function createFlacDecoder(): Promise<SoundDecoder> {
  const { FLACDecoder } = await import('@wasm-audio-decoders/flac');
  const decoder = new FLACDecoder();
  await decoder.ready;
  return {
    decode: (chunk) => decoder.decode(chunk),
    finish: () => decoder.flush(),
    free: () => decoder.free(),
  };
}

async function createAmrDecoder(): Promise<SoundDecoder> {
  const { decoder: createDecoder } = await import('@audio/decode-amr');
  const decoder = await createDecoder();
  return {
    decode: async (chunk) => decoder.decode(chunk),
    finish: async () => decoder.flush(),
    free: () => decoder.free(),
  };
}

function unreadable(): SwitchboardError {
  return new SwitchboardError('sound_unreadable', 'no waveform can be made of a file');
}
