import { SwitchboardError } from '@switchboard/platform';

/** Pixels, four bytes each: red, green, blue, how opaque. */
export interface DecodedImage {
  data: Uint8ClampedArray;
  width: number;
  height: number;
}

/** What iPhones make. */
export const heicTypes = ['image/heic', 'image/heif'];

/** The largest cameras of phones make 48 million; each is four bytes here and four in the decoder. */
const mostPixels = 50_000_000;

/** Decodes the one image of a HEIC file that stands for it, upright. @throws SwitchboardError `image_unreadable` */
export async function decodeHeic(bytes: Uint8Array): Promise<DecodedImage> {
  const { default: createLibheif } = await import('libheif-js/libheif-wasm/libheif-bundle.mjs');
  const images = new (createLibheif().HeifDecoder)().decode(bytes);
  const image = images.find((one) => one.is_primary()) ?? images[0];
  if (!image) throw unreadable();
  const [width, height] = [image.get_width(), image.get_height()];
  if (!(width > 0 && height > 0) || width * height > mostPixels) throw unreadable();
  const target = { data: new Uint8ClampedArray(width * height * 4), width, height };
  const decoded = await new Promise<DecodedImage | null>((resolve) => image.display(target, resolve));
  if (!decoded) throw unreadable();
  return decoded;
}

function unreadable(): SwitchboardError {
  return new SwitchboardError('image_unreadable', 'a HEIC image is broken, or has too many pixels');
}
