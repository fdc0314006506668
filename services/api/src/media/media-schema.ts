import { z } from 'zod';
import { problemAnswers } from '../routes/problem-schema.ts';

export const waveform = z.object({
  state: z
    .enum(['ready', 'pending', 'unavailable'])
    .describe('`pending`: come again; `unavailable`: it is of no kind that is decoded.'),
  peaks: z.array(z.int().min(0).max(100)).nullable().describe('Loudness in up to 800 equal stretches.'),
  duration_seconds: z.number().nullable(),
});

const bytes = (description: string) => ({
  description,
  content: { 'application/octet-stream': { schema: z.any() } },
});

/** Answers of routes that give out files. */
export const fileAnswers = {
  200: bytes('The file.'),
  206: bytes('The range of it that `Range` asked for.'),
  304: { description: 'As `If-None-Match` has it.', content: { 'text/plain': { schema: z.any() } } },
  ...problemAnswers,
  404: {
    ...problemAnswers[404],
    description:
      'There is none, or `code` says that it is not here yet (`file_pending`) or never will be (`file_failed`).',
  },
  410: { ...problemAnswers[404], description: 'The clinic no longer keeps it.' },
  416: { ...problemAnswers[404], description: 'The file has none of the bytes that `Range` asks for.' },
};

export const waveformAnswers = { 200: waveform, ...problemAnswers, 410: fileAnswers[410] };

/** Whoever wants to keep it. */
export const fileQuery = z.strictObject({
  download: z.enum(['true', 'false']).default('false').describe('`true`: as a file to be saved.'),
});
