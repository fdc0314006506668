/** Of libheif's JavaScript side only what is used; it comes without types of it. */
declare module 'libheif-js/libheif-wasm/libheif-bundle.mjs' {
  export interface HeifImage {
    get_width(): number;
    get_height(): number;
    is_primary(): boolean;
    /** Decodes into `target.data`, RGBA; null: it can't. */
    display<T extends { data: Uint8ClampedArray }>(target: T, done: (decoded: T | null) => void): void;
    free(): void;
  }
  interface Libheif {
    HeifDecoder: new () => { decode(bytes: Uint8Array): HeifImage[] };
  }
  export default function createLibheif(): Libheif;
}
