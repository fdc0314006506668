/** What is used of a decoder's memory: the libraries of TypeScript know WebAssembly only together with a browser's page. */
interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

declare const WebAssembly: {
  Memory: {
    new (descriptor: { initial: number; maximum?: number }): WasmMemory;
    readonly prototype: WasmMemory;
  };
};
