import { isIPv4, isIPv6 } from 'node:net';
import type { QuotaState } from '@switchboard/platform/quota';

export interface RateLimit {
  /** Takes one of the key's attempts of this window. */
  take(key: string): QuotaState;
  /** Gives one back. */
  giveBack(key: string): void;
}

export interface RateLimitOptions {
  limit: number;
  windowMs: number;
  now(): number;
  /** Keys remembered; the oldest window goes first. */
  maxKeys?: number;
}

interface Window {
  taken: number;
  endsAt: number;
}

/** So many attempts per key and window, counted in this process. */
export function createRateLimit({ limit, windowMs, now, maxKeys = 100_000 }: RateLimitOptions): RateLimit {
  const windows = new Map<string, Window>();
  const current = (key: string): Window => {
    const at = now();
    const known = windows.get(key);
    if (known && known.endsAt > at) return known;
    windows.delete(key);
    if (windows.size >= maxKeys) dropOldest(windows);
    const window = { taken: 0, endsAt: at + windowMs };
    windows.set(key, window);
    return window;
  };
  return {
    take(key) {
      const window = current(key);
      const allowed = window.taken < limit;
      if (allowed) window.taken += 1;
      return {
        allowed,
        limit,
        remaining: Math.max(0, limit - window.taken),
        resetSeconds: Math.max(1, Math.ceil((window.endsAt - now()) / 1000)),
      };
    },
    giveBack(key) {
      const window = current(key);
      if (window.taken > 0) window.taken -= 1;
    },
  };
}

/**
 * Whose attempts count together: an IPv4 address, or the /64 that one holder of IPv6 addresses has.
 * @param address undefined: they had hung up before anybody looked
 */
export function addressKey(address: string | undefined): string {
  if (address === undefined) return 'gone';
  if (isIPv4(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped && isIPv4(mapped)) return mapped;
  const bare = address.split('%')[0] ?? '';
  if (!isIPv6(bare)) return address;
  return `${expandGroups(bare).slice(0, 4).join(':')}::/64`;
}

/** The 8 groups of an IPv6 address, without leading zeros. */
function expandGroups(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const before = head.split(':').filter(Boolean);
  const after = (tail ?? '').split(':').filter(Boolean);
  const missing = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(missing).fill('0'), ...after];
  return groups.map((group) => Number.parseInt(group, 16).toString(16));
}

function dropOldest(windows: Map<string, Window>): void {
  for (const key of windows.keys()) {
    windows.delete(key);
    return;
  }
}
