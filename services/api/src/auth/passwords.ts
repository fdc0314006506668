import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** What an unknown mail address is checked against, so that it takes as long as a known one. */
const nobody = `scrypt$16384$8$1$${randomBytes(16).toString('base64')}$${randomBytes(32).toString('base64')}`;

/**
 * Whether the password makes the stored hash (`scrypt$N$r$p$salt$hash`, base64). Without a stored hash the answer is
 * no, in the same time.
 */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [scheme, n, r, p, salt, hash] = (stored ?? nobody).split('$');
  if (scheme !== 'scrypt' || !salt || !hash) return false;
  const expected = Buffer.from(hash, 'base64');
  const options = { N: Number(n), r: Number(r), p: Number(p), maxmem: 256 * 1024 * 1024 };
  const actual = await new Promise<Buffer>((resolve, reject) => {
    scrypt(password, Buffer.from(salt, 'base64'), expected.length, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
  return timingSafeEqual(actual, expected) && stored !== undefined;
}
