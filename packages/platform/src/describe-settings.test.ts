import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { flag, inForm, key32, list, port, secret, wholeNumber } from './config.ts';
import { describeSettings } from './describe-settings.ts';
import { baseShape, clickhouseShape, kafkaShape } from './shapes.ts';

describe('describeSettings', () => {
  it('says what a setting means, how it looks, what it is unless told, and whether it is needed', () => {
    const described = describeSettings({
      A: z.url().describe('An address.'),
      B: wholeNumber(5, 1, 9).describe('A number.'),
      C: z.enum(['x', 'y']).optional(),
      D: list().default([]),
      E: inForm('two words', z.string().default('').transform(Number)),
      F: flag(false),
      G: z.string().min(16).optional(),
    });
    expect(described).toEqual([
      { name: 'A', meaning: 'An address.', form: 'URL', fallback: undefined, required: true, secret: false },
      { name: 'B', meaning: 'A number.', form: '1 … 9', fallback: '5', required: false, secret: false },
      { name: 'C', meaning: '', form: '`x`, `y`', fallback: undefined, required: false, secret: false },
      {
        name: 'D',
        meaning: '',
        form: 'one or more, separated by commas',
        fallback: undefined,
        required: false,
        secret: false,
      },
      { name: 'E', meaning: '', form: 'two words', fallback: undefined, required: false, secret: false },
      {
        name: 'F',
        meaning: '',
        form: '`true` or `false`',
        fallback: 'false',
        required: false,
        secret: false,
      },
      {
        name: 'G',
        meaning: '',
        form: 'text, 16 characters or more',
        fallback: undefined,
        required: false,
        secret: false,
      },
    ]);
  });

  it('knows a secret whatever was said or put around it', () => {
    const described = describeSettings({
      A: key32().describe('A key.'),
      B: secret(z.string()).default('x').describe('A word.').optional(),
      C: secret(z.string().describe('A word.').min(3)),
      D: port(1),
    });
    expect(described.map((setting) => setting.secret)).toEqual([true, true, true, false]);
    expect(described.map((setting) => setting.meaning)).toEqual([
      'A key.',
      'A word.',
      'A word.',
      'Port to listen on.',
    ]);
  });

  it('has something to say of every shared setting', () => {
    for (const setting of describeSettings({ ...baseShape, ...kafkaShape, ...clickhouseShape })) {
      expect(setting.meaning, setting.name).not.toBe('');
    }
  });
});
