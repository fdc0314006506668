import { type Codec, type CodecOptions, createCodec } from '@switchboard/kafka';
import type { VoiceCallReceived } from '@switchboard/schemas';

/** A codec that does to the thread which reads an event what its transcript says. */
export function hostileCodec(options: CodecOptions): Codec {
  const codec = createCodec(options);
  return {
    ...codec,
    async decode<T>(topic: string, bytes: Buffer) {
      const event = await codec.decode<T & Partial<VoiceCallReceived>>(topic, bytes);
      const text = event.transcript?.turns.map((turn) => turn.text).join(' ') ?? '';
      if (text.includes('zz-main-killed')) process.kill(process.pid, 'SIGKILL');
      if (text.includes('zz-main-hang')) for (;;);
      return event;
    },
  };
}
