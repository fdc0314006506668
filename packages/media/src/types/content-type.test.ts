import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { writeWav } from '../testing/write-wav.ts';
import { sniffType } from './content-type.ts';
import { readHead } from './read-head.ts';

const wav = writeWav([new Float32Array(100)], { encoding: 's16', sampleRate: 8_000 });
const jpeg = await sharp({ create: { width: 9, height: 9, channels: 3, background: '#000' } })
  .jpeg()
  .toBuffer();
const ogg = await readFile(new URL('../testing/fixtures/tone.ogg', import.meta.url));
const mp3 = await readFile(new URL('../testing/fixtures/tone.mp3', import.meta.url));
const html = Buffer.from('<!DOCTYPE html><html><script>alert(1)</script></html>');
const svg = Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>');
const pdf = Buffer.from('%PDF-1.7\n%âãÏÓ\n1 0 obj\n');
const program = Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01'), Buffer.alloc(100)]);
const wrong = { code: 'wrong_type', retryable: false };

describe('sniffType', () => {
  it.each([
    ['audio/wav', wav],
    ['audio/mpeg', mp3],
    ['audio/ogg; codecs=opus', ogg],
    ['audio/mpeg', Buffer.concat([Buffer.from('ID3\x04\0\0\x00\x7f\x7f\x7f'), Buffer.alloc(60_000)])],
  ])('takes %s as a recording, whatever was said of it', async (type, bytes) => {
    expect(await sniffType(bytes, 'recording', 'text/html')).toBe(type);
  });

  it.each([
    ['a page', html],
    ['an image', jpeg],
    ['a PDF', pdf],
    ['a program', program],
    ['nothing', Buffer.alloc(0)],
  ])('takes %s for no recording, though it says that it is sound', async (_, bytes) => {
    await expect(sniffType(bytes, 'recording', 'audio/mpeg')).rejects.toMatchObject(wrong);
  });

  it.each([
    [jpeg, 'image/png', 'image/jpeg'],
    [ogg, 'audio/ogg', 'audio/ogg; codecs=opus'],
    [pdf, 'application/pdf', 'application/pdf'],
    [Buffer.from('BEGIN:VCARD'), 'text/vcard', 'application/octet-stream'],
    [html, 'text/html', 'application/octet-stream'],
    [
      Buffer.from('d0cf11e0a1b11ae1'.padEnd(1_200, '0'), 'hex'),
      'application/msword',
      'application/octet-stream',
    ],
    [Buffer.from('{\\rtf1 hello}'), 'application/rtf', 'application/octet-stream'],
    [jpeg, null, 'image/jpeg'],
  ])('takes what a patient sends for what it is (%#)', async (bytes, said, type) => {
    expect(await sniffType(bytes, 'media', said)).toBe(type);
  });

  it.each([
    [html, 'image/jpeg'],
    [svg, 'image/svg+xml'],
    [jpeg, 'audio/ogg'],
    [wav, 'application/pdf'],
    [program, 'application/x-executable'],
    [html, null],
  ])('refuses what is not what was said, or could act on who opens it (%#)', async (bytes, said) => {
    await expect(sniffType(bytes, 'media', said)).rejects.toMatchObject(wrong);
  });
});

describe('readHead', () => {
  it.each([0, 1, 10, 25, 100])('of a body gives the first %i bytes or more, and all of it', async (bytes) => {
    const parts = ['first ', 'second ', 'third ', 'fourth'].map((text) => Buffer.from(text));
    const { head, body } = await readHead(Readable.from(parts), bytes);
    expect(head.length).toBeGreaterThanOrEqual(Math.min(bytes, 25));
    expect((await buffer(body)).toString()).toBe('first second third fourth');
  });
});
