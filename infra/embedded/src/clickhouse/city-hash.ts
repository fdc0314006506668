/** Below 2⁶⁴. V8 makes machine arithmetic of what stands within `asUintN(64, …)`, where no function is called. */
type Uint64 = bigint;

type Pair = readonly [first: Uint64, second: Uint64];

const K0 = 0xc3a5c85c97cb3127n;
const K1 = 0xb492b66fbe98f273n;
const K2 = 0x9ae16a3b2f90404fn;
const K3 = 0xc949d7c7509e6557n;
const MULTIPLIER = 0x9ddfea08eb382d69n;

const { asUintN } = BigInt;

/**
 * CityHash128 of version 1.0.2, which ClickHouse signs its compressed blocks with; later versions give other values.
 * (CityHash is by Google, MIT licence; this states its algorithm anew.)
 *
 * @returns 16 bytes, as they stand before a block
 */
export function cityHash128(bytes: Buffer): Buffer {
  const [low, high] = hash(new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  const result = Buffer.allocUnsafe(16);
  result.writeBigUInt64LE(low, 0);
  result.writeBigUInt64LE(high, 8);
  return result;
}

function hash(view: DataView): Pair {
  const size = view.byteLength;
  if (size >= 16) return seeded(view, 16, [view.getBigUint64(0, true) ^ K3, view.getBigUint64(8, true)]);
  if (size >= 8) {
    const seed: Pair = [
      view.getBigUint64(0, true) ^ asUintN(64, BigInt(size) * K0),
      view.getBigUint64(size - 8, true) ^ K1,
    ];
    return seeded(view, size, seed);
  }
  return seeded(view, 0, [K0, K1]);
}

/** Hashes what stands behind `start`. */
function seeded(view: DataView, start: number, seed: Pair): Pair {
  if (view.byteLength - start < 128) return short(view, start, seed);
  let [x, y] = seed;
  let z = asUintN(64, BigInt(view.byteLength - start) * K1);
  let v0 = asUintN(64, rotate(y ^ K1, 49n) * K1 + view.getBigUint64(start, true));
  let v1 = asUintN(64, rotate(v0, 42n) * K1 + view.getBigUint64(start + 8, true));
  let w0 = asUintN(64, rotate(asUintN(64, y + z), 35n) * K1 + x);
  let w1 = asUintN(64, rotate(asUintN(64, x + view.getBigUint64(start + 88, true)), 53n) * K1);
  let at = start;
  const end = at + Math.floor((view.byteLength - start) / 128) * 128;
  for (; at < end; at += 64) {
    x = asUintN(64, rotate(asUintN(64, x + y + v0 + view.getBigUint64(at + 16, true)), 37n) * K1) ^ w1;
    y = asUintN(64, rotate(asUintN(64, y + v1 + view.getBigUint64(at + 48, true)), 42n) * K1) ^ v0;
    z = rotate(z ^ w0, 33n);
    const a = asUintN(64, v1 * K1 + view.getBigUint64(at, true));
    const aSum = asUintN(64, a + view.getBigUint64(at + 8, true) + view.getBigUint64(at + 16, true));
    const b = asUintN(64, x + w0 + a + view.getBigUint64(at + 24, true));
    v0 = asUintN(64, aSum + view.getBigUint64(at + 24, true));
    v1 = asUintN(64, rotate(b, 21n) + rotate(aSum, 44n) + a);
    const c = asUintN(64, z + w1 + view.getBigUint64(at + 32, true));
    const cSum = asUintN(64, c + view.getBigUint64(at + 40, true) + view.getBigUint64(at + 48, true));
    const d = asUintN(64, y + c + view.getBigUint64(at + 56, true));
    w0 = asUintN(64, cSum + view.getBigUint64(at + 56, true));
    w1 = asUintN(64, rotate(d, 21n) + rotate(cSum, 44n) + c);
    [z, x] = [x, z];
  }
  y = asUintN(64, y + rotate(w0, 37n) * K0 + z);
  x = asUintN(64, x + rotate(asUintN(64, v0 + z), 49n) * K0);
  for (let from = view.byteLength; from > at; ) {
    from -= 32;
    y = asUintN(64, rotate(asUintN(64, y - x), 42n) * K0 + v1);
    w0 = asUintN(64, w0 + view.getBigUint64(from + 16, true));
    x = asUintN(64, rotate(x, 49n) * K0 + w0);
    w0 = asUintN(64, w0 + v0);
    const a = asUintN(64, v0 + view.getBigUint64(from, true));
    const aSum = asUintN(64, a + view.getBigUint64(from + 8, true) + view.getBigUint64(from + 16, true));
    const b = asUintN(64, v1 + a + view.getBigUint64(from + 24, true));
    v0 = asUintN(64, aSum + view.getBigUint64(from + 24, true));
    v1 = asUintN(64, rotate(b, 21n) + rotate(aSum, 44n) + a);
  }
  x = mix(x, v0);
  y = mix(y, w0);
  return [asUintN(64, mix(asUintN(64, x + v1), w1) + y), mix(asUintN(64, x + w1), asUintN(64, y + v1))];
}

/** Hashes less than 128 bytes, by Murmur's steps. */
function short(view: DataView, start: number, [low, high]: Pair): Pair {
  const size = view.byteLength - start;
  const length = BigInt(size);
  let a = low;
  let b = high;
  let c: Uint64;
  let d: Uint64;
  if (size <= 16) {
    a = asUintN(64, shiftMix(asUintN(64, a * K1)) * K1);
    c = asUintN(64, b * K1 + few(view, start));
    d = shiftMix(asUintN(64, a + (size >= 8 ? view.getBigUint64(start, true) : c)));
  } else {
    c = mix(asUintN(64, view.getBigUint64(view.byteLength - 8, true) + K1), a);
    d = mix(asUintN(64, b + length), asUintN(64, c + view.getBigUint64(view.byteLength - 16, true)));
    a = asUintN(64, a + d);
    for (let at = start; at < view.byteLength - 16; at += 16) {
      a = asUintN(64, (a ^ asUintN(64, shiftMix(asUintN(64, view.getBigUint64(at, true) * K1)) * K1)) * K1);
      b ^= a;
      c = asUintN(
        64,
        (c ^ asUintN(64, shiftMix(asUintN(64, view.getBigUint64(at + 8, true) * K1)) * K1)) * K1,
      );
      d ^= c;
    }
  }
  a = mix(a, c);
  b = mix(d, b);
  return [a ^ b, mix(b, a)];
}

/** Hashes up to 16 bytes into one number. */
function few(view: DataView, start: number): Uint64 {
  const size = view.byteLength - start;
  const length = BigInt(size);
  if (size > 8) {
    const last = view.getBigUint64(view.byteLength - 8, true);
    return mix(view.getBigUint64(start, true), rotate(asUintN(64, last + length), length)) ^ last;
  }
  if (size >= 4) {
    const first = BigInt(view.getUint32(start, true));
    return mix(asUintN(64, length + (first << 3n)), BigInt(view.getUint32(view.byteLength - 4, true)));
  }
  if (size === 0) return K2;
  const y = view.getUint8(start) + view.getUint8(start + (size >> 1)) * 256;
  const z = size + view.getUint8(view.byteLength - 1) * 4;
  return asUintN(64, shiftMix(asUintN(64, BigInt(y) * K2) ^ asUintN(64, BigInt(z) * K3)) * K2);
}

function rotate(value: Uint64, bits: bigint): Uint64 {
  return (value >> bits) | asUintN(64, value << (64n - bits));
}

function shiftMix(value: Uint64): Uint64 {
  return value ^ (value >> 47n);
}

function mix(low: Uint64, high: Uint64): Uint64 {
  const a = shiftMix(asUintN(64, (low ^ high) * MULTIPLIER));
  return asUintN(64, shiftMix(asUintN(64, (high ^ a) * MULTIPLIER)) * MULTIPLIER);
}
