import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { renderImage as renderImageOf } from './render-image.ts';

const renderImage = (bytes: Buffer) => renderImageOf('image/jpeg', bytes);
const heic = await readFile(new URL('../testing/fixtures/photo.heic', import.meta.url));
const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 30 } } });

describe('renderImage', () => {
  it('draws an image anew in two sizes, none larger than it was', async () => {
    const { thumbnail, view } = await renderImage(await picture(3_000, 1_500).jpeg().toBuffer());
    expect([thumbnail.width, thumbnail.height, view.width, view.height]).toEqual([320, 160, 1_600, 800]);
    expect((await sharp(thumbnail.bytes).metadata()).format).toBe('webp');
    const small = await renderImage(await picture(40, 20).png().toBuffer());
    expect([small.view.width, small.view.height]).toEqual([40, 20]);
  });

  it('leaves out where it was taken, and by what; and stands upright', async () => {
    const taken = await picture(400, 200)
      .withExif({
        IFD0: { Make: 'PlantedCamera', Artist: 'Rohinibai Deshpande' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '18/1 31/1 12/1' },
      })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    expect(taken.includes('PlantedCamera')).toBe(true);
    for (const { bytes, width, height } of Object.values(await renderImage(taken))) {
      const { exif, xmp, iptc, orientation } = await sharp(bytes).metadata();
      expect({ exif, xmp, iptc, orientation }).toEqual({});
      expect(bytes.includes('Planted') || bytes.includes('Rohinibai')).toBe(false);
      expect(height).toBe(2 * width);
    }
  });

  it('draws what hides behind an image’s end for nobody', async () => {
    const polyglot = Buffer.concat([
      await picture(50, 50).jpeg().toBuffer(),
      Buffer.from('<script>alert(1)</script>'),
    ]);
    const { view } = await renderImage(polyglot);
    expect(view.bytes.includes('script')).toBe(false);
  });

  it('refuses more pixels than a camera makes, by what the file says of itself', async () => {
    // A small file whose head says 50,000 × 50,000.
    const bomb = await picture(50, 50).png().toBuffer();
    bomb.writeUInt32BE(50_000, 16);
    bomb.writeUInt32BE(50_000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    expect(await sharp(bomb, { limitInputPixels: false }).metadata()).toMatchObject({ width: 50_000 });
    await expect(renderImage(bomb)).rejects.toMatchObject({
      code: 'image_unreadable',
      cause: { message: expect.stringContaining('pixel limit') },
    });
  });

  it.each(['<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'not an image', ''])(
    'refuses %j',
    async (text) => {
      const refused = renderImage(Buffer.from(text));
      await expect(refused).rejects.toMatchObject({ code: 'image_unreadable' });
    },
  );

  it('refuses an image that is cut off', async () => {
    const whole = await picture(400, 400).jpeg().toBuffer();
    await expect(renderImage(whole.subarray(0, whole.length / 2))).rejects.toMatchObject({
      code: 'image_unreadable',
    });
  });

  it('draws what an iPhone makes', async () => {
    const { thumbnail, view } = await renderImageOf('image/heic', heic);
    expect([thumbnail.width, thumbnail.height, view.width, view.height]).toEqual([320, 160, 400, 200]);
    const { channels } = await sharp(thumbnail.bytes).removeAlpha().stats();
    expect(channels.map(({ mean }, at) => Math.abs(mean - ([200, 30, 30][at] ?? 0)) < 8)).toEqual([
      ...[true, true, true],
    ]);
  });

  it('refuses a HEIC file that is none, cut off, or says that it has more pixels than a phone makes', async () => {
    const size = heic.indexOf('ispe') + 8;
    const bomb = Buffer.from(heic);
    bomb.writeUInt32BE(30_000, size);
    bomb.writeUInt32BE(30_000, size + 4);
    for (const bytes of [Buffer.from('<html>'), heic.subarray(0, heic.length - 40), Buffer.alloc(0), bomb])
      await expect(renderImageOf('image/heic', bytes)).rejects.toMatchObject({ code: 'image_unreadable' });
  });
});
