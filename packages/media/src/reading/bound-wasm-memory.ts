const pageBytes = 65_536;

/**
 * Bounds what decoders in WebAssembly may take in this thread: their memory is outside the heap that a thread's limits
 * bound. One that is refused finds no memory, as on a small machine, and says that it can't decode.
 */
export function boundWasmMemory(mostBytes: number): void {
  const { prototype } = WebAssembly.Memory;
  const { grow } = prototype;
  prototype.grow = function growWithin(this: WasmMemory, pages: number): number {
    if (this.buffer.byteLength + pages * pageBytes > mostBytes)
      throw new RangeError('a decoder asks for too much memory');
    return grow.call(this, pages);
  };
}
