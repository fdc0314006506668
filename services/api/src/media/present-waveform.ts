import type { z } from 'zod';
import type { waveform } from './media-schema.ts';
import type { StoredMedia } from './require-stored.ts';

/** What a player draws. */
export function presentWaveform({ reading, peaks, durationMs }: StoredMedia): z.infer<typeof waveform> {
  const pending = reading === 'pending' ? 'pending' : 'unavailable';
  return {
    state: reading === 'done' && peaks ? 'ready' : pending,
    peaks,
    duration_seconds: durationMs === null ? null : durationMs / 1_000,
  };
}
