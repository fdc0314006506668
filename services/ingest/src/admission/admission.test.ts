import { describe, expect, it } from 'vitest';
import { createInFlight } from './in-flight.ts';
import { addressKey, createRateLimit } from './rate-limit.ts';

describe('createRateLimit', () => {
  it('allows so many a window, and tells when the next begins', () => {
    let at = 1_000;
    const limit = createRateLimit({ limit: 2, windowMs: 60_000, now: () => at });
    expect(limit.take('a')).toEqual({ allowed: true, limit: 2, remaining: 1, resetSeconds: 60 });
    expect(limit.take('a').allowed).toBe(true);
    at += 59_500;
    expect(limit.take('a')).toEqual({ allowed: false, limit: 2, remaining: 0, resetSeconds: 1 });
    expect(limit.take('b').allowed).toBe(true);
    at += 500;
    expect(limit.take('a').allowed).toBe(true);
  });

  it('gives attempts back, but never more than were taken', () => {
    const limit = createRateLimit({ limit: 1, windowMs: 1_000, now: () => 0 });
    limit.giveBack('a');
    for (let time = 0; time < 5; time += 1) {
      expect(limit.take('a').allowed).toBe(true);
      limit.giveBack('a');
    }
    limit.take('a');
    expect(limit.take('a').allowed).toBe(false);
  });

  it('remembers a bounded number of keys', () => {
    const limit = createRateLimit({ limit: 1, windowMs: 1_000, now: () => 0, maxKeys: 2 });
    for (const key of ['a', 'b', 'c']) limit.take(key);
    expect(limit.take('c').allowed).toBe(false);
    expect(limit.take('a').allowed).toBe(true);
  });
});

describe('addressKey', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:aaaa::1', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unknown', 'unknown'],
    // A sender who hangs up while others are served has no address left: it was an internal error.
    [undefined, 'gone'],
  ])('%s counts as %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});

describe('createInFlight', () => {
  it('bounds requests and bytes, and gives back once', () => {
    const inFlight = createInFlight({ maxRequests: 2, maxBytes: 100 });
    const first = inFlight.enter(60);
    expect(first?.add(60)).toBe(true);
    expect(inFlight.enter(41)).toBeUndefined();
    const second = inFlight.enter(0);
    expect(second?.add(41)).toBe(false);
    expect(second?.add(40)).toBe(true);
    expect(inFlight.enter(0)).toBeUndefined();
    first?.release();
    first?.release();
    expect([inFlight.requests, inFlight.bytes]).toEqual([1, 40]);
    second?.release();
    expect([inFlight.requests, inFlight.bytes]).toEqual([0, 0]);
  });
});
