import { buffer } from 'node:stream/consumers';
import { isReadableImage, type RenderedImage, type Rendering, renderImage } from '../images/render-image.ts';
import type { Waveform } from '../waveform/peaks.ts';
import { isReadableSound, readWaveform } from '../waveform/read-waveform.ts';

/** What is made of a file. */
export type Reading = { waveform: Waveform } | { images: Record<Rendering, RenderedImage> };

/** An image is drawn from memory; one that is larger is not drawn. */
export const mostImageBytes = 30 * 1024 * 1024;

/** Whether something can be made of files of this type. */
export function isReadable(type: string): boolean {
  return isReadableSound(type) || isReadableImage(type);
}

/** @throws SwitchboardError `sound_unreadable`, `image_unreadable` */
export async function readFile(type: string, body: AsyncIterable<Uint8Array>): Promise<Reading> {
  if (!isReadableImage(type)) return { waveform: await readWaveform(type, body) };
  return { images: await renderImage(type, await buffer(body)) };
}
