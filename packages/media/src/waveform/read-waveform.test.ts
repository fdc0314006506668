import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeSilentFlac } from '../testing/write-flac.ts';
import { writeWav } from '../testing/write-wav.ts';
import { createPeakMeter, peakCount } from './peaks.ts';
import { readWaveform } from './read-waveform.ts';

const fixture = (name: string) => readFile(new URL(`../testing/fixtures/${name}`, import.meta.url));
const tone = Float32Array.from({ length: 32_000 }, (_, n) =>
  n < 16_000 ? 0.5 * Math.sin((2 * Math.PI * 440 * n) / 16_000) : 0,
);
const pieces = (bytes: Buffer, size: number) =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
      bytes.subarray(n * size, (n + 1) * size),
    ),
  );

/** A second at half strength and a second of silence, give or take what a codec blurs. */
function expectTone({ peaks, durationMs }: { peaks: number[]; durationMs: number }, slackMs = 0): void {
  expect(Math.abs(durationMs - 2_000)).toBeLessThanOrEqual(slackMs);
  expect(peaks).toHaveLength(peakCount);
  for (const peak of peaks.slice(20, 380)) expect([peak, Math.abs(peak - 50) < 8]).toEqual([peak, true]);
  for (const peak of peaks.slice(420)) expect(peak).toBeLessThanOrEqual(1);
}

describe('readWaveform', () => {
  it.each(['u8', 's16', 's24', 's32', 'f32', 'alaw', 'mulaw'] as const)(
    'reads WAV in %s',
    async (encoding) => {
      const wav = writeWav([tone], { encoding, sampleRate: 16_000 });
      expectTone(await readWaveform('audio/wav', pieces(wav, 1_000)));
    },
  );

  it('reads WAV of two channels by the louder, past chunks that hold no sound, and without a told length', async () => {
    const quiet = tone.map((sample) => sample / 4);
    for (const options of [{ list: true }, { length: 0 }, { length: 0xffff_ffff }]) {
      const wav = writeWav([quiet, tone], { encoding: 's16', sampleRate: 16_000, ...options });
      expectTone(await readWaveform('audio/wav', pieces(wav, 77)));
    }
  });

  it.each([
    ['audio/mpeg', 'tone.mp3', 150],
    ['audio/ogg; codecs=opus', 'tone.ogg', 50],
    // The last frame, which no other follows, may be missing.
    ['audio/flac', 'tone.flac', 60],
    ['audio/amr', 'tone.amr', 50],
  ])('reads %s', async (type, name, slackMs) => {
    expectTone(await readWaveform(type, pieces(await fixture(name), 500)), slackMs);
  });

  it.each([
    ['audio/mpeg', Buffer.alloc(10_000, '<html>')],
    ['audio/ogg; codecs=opus', Buffer.alloc(10_000, 'OggS')],
    ['audio/wav', Buffer.alloc(10_000, 'RIFF')],
    ['audio/wav', Buffer.alloc(0)],
    ['audio/flac', Buffer.alloc(10_000, 'fLaC')],
    ['audio/amr', Buffer.from('#!AMR')],
    ['audio/amr', Buffer.alloc(10_000, '<html>')],
    ['audio/aac', Buffer.alloc(10_000, 1)],
    ['toString', Buffer.alloc(1)],
  ])('makes none of %s that is none', async (type, bytes) => {
    await expect(readWaveform(type, pieces(bytes, 5_000))).rejects.toMatchObject({
      code: 'sound_unreadable',
    });
  });
});

describe('a small file that stands for very much sound', () => {
  const run = promisify(execFile);
  const programOf = (frames: number) => `
    import { readWaveform } from ${JSON.stringify(new URL('read-waveform.ts', import.meta.url))};
    import { writeSilentFlac } from ${JSON.stringify(new URL('../testing/write-flac.ts', import.meta.url))};
    const file = writeSilentFlac(${frames});
    // Collected at each piece that is taken, so that what was given back counts no more, whenever it would have been collected.
    const { subarray } = file;
    file.subarray = (...bounds) => { gc(); return subarray.apply(file, bounds); };
    const { durationMs } = await readWaveform('audio/flac', (async function* () { yield file; })());
    console.log(JSON.stringify({ durationMs, kb: process.resourceUsage().maxRSS }));`;
  const readBy = async (frames: number): Promise<{ durationMs: number; kb: number }> => {
    const flags = ['--expose-gc', '--input-type=module'];
    const { stdout } = await run(process.execPath, [...flags, '-e', programOf(frames)]);
    return Object(JSON.parse(stdout));
  };

  it('takes no more memory than a little sound does', { timeout: 60_000 }, async () => {
    // 9 kB, and 157 MB of samples, twice as they are put together.
    const [little, much] = await Promise.all([readBy(20), readBy(600)]);
    expect(much.durationMs).toBeGreaterThan(4_000_000);
    expect((much.kb - little.kb) / 1024).toBeLessThan(150);
  });

  it('is given up where it is more than any recording', async () => {
    const read = readWaveform('audio/flac', pieces(writeSilentFlac(200), 5_000), 5e6);
    await expect(read).rejects.toMatchObject({ code: 'sound_too_long' });
  });

  it('is not begun where Opus tells of more channels than there are', async () => {
    const ogg = Buffer.from(await fixture('tone.ogg'));
    ogg[ogg.indexOf('OpusHead') + 9] = 255;
    for (const size of [7, 5_000])
      await expect(readWaveform('audio/ogg; codecs=opus', pieces(ogg, size))).rejects.toMatchObject({
        code: 'sound_unreadable',
      });
  });
});

describe('createPeakMeter', () => {
  it('keeps the loudest of each stretch, however the sound is cut up', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(lengths, fc.nat(), (cuts, seed) => {
        const total = cuts.reduce((sum, cut) => sum + cut, 0);
        const sound = Float32Array.from(
          { length: total },
          (_, n) => ((((n + 1) * (seed + 7919)) % 1009) - 504) / 504,
        );
        const meter = createPeakMeter();
        let at = 0;
        for (const cut of cuts) {
          meter.add([sound.subarray(at, at + cut)], 8_000);
          at += cut;
        }
        const { peaks, durationMs } = meter.finish();
        const loudest = Math.round(sound.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) * 100);
        expect(peaks.length).toBeLessThanOrEqual(peakCount);
        expect(Math.max(0, ...peaks)).toBe(loudest);
        expect(durationMs).toBe(Math.round(total / 8));
        const whole = createPeakMeter();
        whole.add([sound], 8_000);
        expect(peaks).toEqual(whole.finish().peaks);
      }),
      { numRuns: 50 },
    );
  });
});
