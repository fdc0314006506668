import { SwitchboardError } from '@switchboard/platform';
import { createWavDecoder } from './decode-wav.ts';
import type { Sound, SoundDecoder } from './decoder.ts';
import { createPeakMeter, type Waveform } from './peaks.ts';

/** Few, for a decoder makes up to 22 KB of sound of one byte, and gives it back in one piece. */
const pieceBytes = 1024;
/** Sound of all channels: two of 48 kHz for twelve hours. */
const mostSamplesEver = 2 * 48_000 * 12 * 3_600;
/** No layout has more, and each costs a decoder as much as all sound of a call. */
const mostChannels = 8;
const opusHead = Buffer.from('OpusHead');

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
 * @param mostSamples in all channels together
 * @throws SwitchboardError `sound_unreadable`: of no type that is decoded, or no sample came of it; `sound_too_long`
 */
export async function readWaveform(
  type: string,
  body: AsyncIterable<Uint8Array>,
  mostSamples = mostSamplesEver,
): Promise<Waveform> {
  const decoder = await decoders.get(type)?.();
  if (!decoder) throw unreadable();
  const meter = createPeakMeter();
  let samples = 0;
  const take = (sound: Sound | undefined) => {
    if (!sound) return;
    samples += sound.channelData.reduce((sum, channel) => sum + channel.length, 0);
    if (samples > mostSamples)
      throw new SwitchboardError('sound_too_long', 'a file holds more sound than any recording');
    meter.add(sound.channelData, sound.sampleRate);
  };
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
  let tail: Buffer = Buffer.alloc(0);
  return {
    async decode(chunk) {
      const seen = Buffer.concat([tail, chunk]);
      if (hasManyChannels(seen)) throw unreadable();
      tail = seen.subarray(-opusHead.length - 1);
      return decoder.decode(chunk);
    },
    finish: () => decoder.flush(),
    free: () => decoder.free(),
  };
}

/** Whether a header of Opus in these bytes tells of more channels than are decoded: it stands before its sound. */
function hasManyChannels(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(opusHead); at >= 0; at = bytes.indexOf(opusHead, at + 1))
    if ((bytes[at + opusHead.length + 1] ?? 0) > mostChannels) return true;
  return false;
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
