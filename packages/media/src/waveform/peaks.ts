/** How loud sound is over time, as a player draws it. */
export interface Waveform {
  /** {@link peakCount} values from 0 (silence) to 100 (as loud as can be); fewer where there are fewer samples. */
  peaks: number[];
  durationMs: number;
}

export const peakCount = 800;
const mostSlots = 2 * peakCount;

/** Takes sound as it is decoded, and remembers the loudest of each of 800 to 1,600 equal stretches, however long it is. */
export interface PeakMeter {
  /** One array for each channel, −1 … 1, all of one length. */
  add(channels: readonly Float32Array[], sampleRate: number): void;
  finish(): Waveform;
}

export function createPeakMeter(): PeakMeter {
  let slots = new Float32Array(mostSlots);
  let perSlot = 1;
  let samples = 0;
  let durationMs = 0;

  function halve(): void {
    const halved = new Float32Array(mostSlots);
    for (let slot = 0; slot < mostSlots; slot += 1) {
      const at = slot >> 1;
      halved[at] = Math.max(halved[at] ?? 0, slots[slot] ?? 0);
    }
    slots = halved;
    perSlot *= 2;
  }

  return {
    add(channels, sampleRate) {
      const length = channels[0]?.length ?? 0;
      // A decoder that waits for more knows no rate yet.
      if (length === 0) return;
      for (let index = 0; index < length; index += 1) {
        let loudest = 0;
        for (const channel of channels) loudest = Math.max(loudest, Math.abs(channel[index] ?? 0));
        if (samples === perSlot * mostSlots) halve();
        const slot = Math.floor(samples / perSlot);
        slots[slot] = Math.max(slots[slot] ?? 0, loudest);
        samples += 1;
      }
      // In ms: what rates divide stays whole, however the sound is cut up.
      durationMs += (length * 1_000) / sampleRate;
    },
    finish() {
      const used = Math.ceil(samples / perSlot);
      const count = Math.min(peakCount, used);
      const peaks = Array.from({ length: count }, (_, peak) => {
        const [from, to] = [Math.floor((peak * used) / count), Math.floor(((peak + 1) * used) / count)];
        return Math.round(Math.min(1, Math.max(0, ...slots.subarray(from, to))) * 100);
      });
      return { peaks, durationMs: Math.round(durationMs) };
    },
  };
}
