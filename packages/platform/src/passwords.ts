import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** As RFC 7914 has them for logins by people; each hash says its own. */
const cost = { N: 16_384, r: 8, p: 1 };

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

/** The password as it is stored: `scrypt$N$r$p$salt$hash`, base64. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await new Promise<Buffer>((resolve, reject) => {
    scrypt(password, salt, 32, cost, (error, derived) => {
      if (error) reject(error);
      else resolve(derived);
    });
  });
  return `scrypt$${cost.N}$${cost.r}$${cost.p}$${salt.toString('base64')}$${key.toString('base64')}`;
}

/** A password that nobody chose, with 120 random bits, to be handed over once. */
export function randomPassword(): string {
  return randomBytes(15).toString('base64url');
}
