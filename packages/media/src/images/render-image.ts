import { SwitchboardError } from '@switchboard/platform';
import sharp from 'sharp';
import { type DecodedImage, decodeHeic, heicTypes } from './decode-heic.ts';

/** An image as we made it: of what was sent nothing but its look, neither place nor camera nor what hides in a file. */
export interface RenderedImage {
  bytes: Buffer;
  width: number;
  height: number;
}

/** Longest side in pixels. */
export const renderings = { thumbnail: 320, view: 1_600 } as const;
export type Rendering = keyof typeof renderings;
export const renderedType = 'image/webp';

/** A phone's camera makes 50 million; a file of a few kilobytes can say that it has billions. */
const mostPixels = 64_000_000;
const readable = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif', ...heicTypes];
// Whatever the bytes are: no vector image, which may name other files, and no rare format with a rare reader.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'].map((format) => `VipsForeignLoad${format}`),
});

/** Whether an image of this type can be rendered. */
export function isReadableImage(type: string): boolean {
  return readable.includes(type);
}

/**
 * Draws an image anew in each size, upright, its first frame alone, never larger than it is.
 * @throws SwitchboardError `image_unreadable`: broken, or more pixels than 64 million
 */
export async function renderImage(type: string, bytes: Buffer): Promise<Record<Rendering, RenderedImage>> {
  return heicTypes.includes(type) ? draw(await decodeHeic(bytes)) : draw(bytes);
}

async function draw(image: Buffer | DecodedImage): Promise<Record<Rendering, RenderedImage>> {
  const { bytes, raw } =
    'width' in image
      ? { bytes: image.data, raw: { width: image.width, height: image.height, channels: 4 } as const }
      : { bytes: image, raw: undefined };
  // One image is worked on at a time, and nothing of it is kept.
  sharp.cache(false);
  sharp.concurrency(1);
  try {
    const drawAt = async (longest: number): Promise<RenderedImage> => {
      const { data, info } = await sharp(bytes, {
        raw,
        limitInputPixels: mostPixels,
        failOn: 'error',
        sequentialRead: true,
      })
        .timeout({ seconds: 20 })
        .rotate()
        .resize({ width: longest, height: longest, fit: 'inside', withoutEnlargement: true })
        .webp({ quality: 80 })
        .toBuffer({ resolveWithObject: true });
      return { bytes: data, width: info.width, height: info.height };
    };
    return { thumbnail: await drawAt(renderings.thumbnail), view: await drawAt(renderings.view) };
  } catch (cause) {
    throw new SwitchboardError('image_unreadable', 'an image is broken, or has too many pixels', { cause });
  }
}
