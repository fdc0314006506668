/** Some sound, one array for each channel, −1 … 1. */
export interface Sound {
  channelData: readonly Float32Array[];
  sampleRate: number;
}

/** Decodes sound as it comes. @throws SwitchboardError `sound_unreadable` */
export interface SoundDecoder {
  decode(chunk: Buffer): Promise<Sound | undefined>;
  /** What was left in the decoder. */
  finish(): Promise<Sound | undefined>;
  free(): void;
}
