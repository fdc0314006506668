import { afterEach, expect, it } from 'vitest';
import { boundWasmMemory } from './bound-wasm-memory.ts';

const { prototype } = WebAssembly.Memory;
const { grow } = prototype;
// Other tests decode in this thread.
afterEach(() => {
  prototype.grow = grow;
});

it('lets a decoder grow up to the bound, and no further', () => {
  boundWasmMemory(4 * 65_536);
  const memory = new WebAssembly.Memory({ initial: 1 });
  memory.grow(3);
  expect(memory.buffer.byteLength).toBe(4 * 65_536);
  expect(() => memory.grow(1)).toThrow(RangeError);
  expect(memory.buffer.byteLength).toBe(4 * 65_536);
});
