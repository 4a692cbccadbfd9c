// Passwords: what is asked of them, and how they are kept.
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** OWASP's password storage sheet: N = 2^15, r = 8, p = 3, 32 MiB while it runs. */
const cost = { N: 32_768, r: 8, p: 3, maxmem: 64 * 1024 * 1024 };
const hashBytes = 32;
const saltBytes = 16;
export const passwordLengthMax = 200;

/** Undefined when it will do. */
export function faultOfPassword(password: string, account: string): 'short' | 'long' | 'plain' | 'name' | undefined {
  if (password.length < 8) return 'short';
  if (password.length > passwordLengthMax) return 'long';
  if (password.toLowerCase().includes(account.toLowerCase())) return 'name';
  return /\p{L}/u.test(password) && /[^\p{L}]/u.test(password) ? undefined : 'plain';
}

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  return kept(salt, await derive(password, salt, cost));
}

/** As `hashPassword` would keep a password, but of none that anybody could type. */
export const hashOfNothing = (): string => kept(randomBytes(saltBytes), randomBytes(hashBytes));

/** `scrypt$N$r$p$salt$hash`, so that the cost can be raised later. */
const kept = (salt: Buffer, hash: Buffer): string =>
  ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('$');

export async function isPassword(password: string, kept: string): Promise<boolean> {
  const [, n, r, p, salt = '', hash = ''] = kept.split('$');
  const made = await derive(password, Buffer.from(salt, 'base64url'), {
    ...cost,
    N: Number(n),
    r: Number(r),
    p: Number(p),
  });
  const wanted = Buffer.from(hash, 'base64url');
  return wanted.length === made.length && timingSafeEqual(wanted, made);
}

/** NFC: one keyboard sends ế as one sign, another as three. */
function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, hashBytes, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

/** No l, 1, o, 0: it is read from paper. 12 signs of 31 are 59 bits. */
const signs = 'abcdefghijkmnpqrstuvwxyz23456789';
export function inventPassword(): string {
  for (;;) {
    const word = [...randomBytes(12)].map((byte) => signs[byte % signs.length]).join('');
    if (/[a-z]/.test(word) && /[0-9]/.test(word)) return word.replace(/(.{4})(?=.)/g, '$1-');
  }
}
