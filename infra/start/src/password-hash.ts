import { randomBytes, scryptSync } from 'node:crypto';

const N = 16_384;
const R = 8;
const P = 1;

/** A password as `users.password_hash` holds it: `scrypt$N$r$p$salt$hash`, base64. */
export function hashPassword(password: string): string {
  const salt = randomBytes(16);
  const hash = scryptSync(password, salt, 32, { N, r: R, p: P });
  return ['scrypt', N, R, P, salt.toString('base64'), hash.toString('base64')].join('$');
}
