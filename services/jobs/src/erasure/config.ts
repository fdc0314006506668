import { type ConfigShape, databaseUrl, key32 } from '@switchboard/platform';

/** Settings of `npm run erase`. */
export const eraseShape = {
  DATABASE_URL: databaseUrl('switchboard_sink'),
  PSEUDONYM_KEY: key32().describe('Makes pseudonyms of phones in facts, as in the sink. Never change it.'),
} satisfies ConfigShape;
