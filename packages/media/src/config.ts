import { type Config, type ConfigShape, inForm, key32, list, secret } from '@switchboard/platform';
import { z } from 'zod';

const storeForm = '`s3://bucket/prefix?region=…&endpoint=…`, `file:` and a path, or a path';

const isBase64Key = (text: string) => Buffer.from(text, 'base64').length === 32;

/** Where recordings and media are kept, and what seals them: told alike to whoever writes and whoever reads them. */
export const mediaStoreShape = {
  RECORDINGS_URL: inForm(
    storeForm,
    z
      .string()
      .refine(
        (text) =>
          !/^[a-z0-9]+:/i.test(text) || (URL.canParse(text) && /^(s3:\/\/[a-z0-9.-]+|file:)/.test(text)),
        `must be ${storeForm}`,
      ),
  )
    .default('.switchboard/recordings')
    .describe(
      'Where recordings and media are kept: a directory, or a bucket of Amazon S3 or what speaks its protocol.',
    ),
  RECORDINGS_KEY: key32()
    .optional()
    .describe(
      'Seals the keys of recordings and media; unset: `SECRETS_KEY`. How to change it: docs/media.md.',
    ),
  RECORDINGS_OLD_KEYS: secret(
    list().refine((keys) => keys.every(isBase64Key), 'must be base64 of exactly 32 bytes each'),
  )
    .default([])
    .describe('What `RECORDINGS_KEY` was before: still opens what was sealed with it.'),
  AWS_ACCESS_KEY_ID: z
    .string()
    .optional()
    .describe('Who logs in to the bucket; unset: the machine’s own role, as the SDK finds it.'),
  AWS_SECRET_ACCESS_KEY: secret(z.string().optional()).describe('Needed with `AWS_ACCESS_KEY_ID`.'),
  AWS_SESSION_TOKEN: secret(z.string().optional()).describe('With credentials that are lent for some hours.'),
  AWS_REGION: z.string().default('us-east-1').describe('Of the bucket, where `RECORDINGS_URL` tells none.'),
} satisfies ConfigShape;

export type MediaStoreConfig = Config<typeof mediaStoreShape>;
