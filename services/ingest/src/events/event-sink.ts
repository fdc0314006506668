import type { DeadLetter, MessageReceived, RecordReceived, VoiceCallReceived } from '@switchboard/schemas';

/** Headers of a message on a topic. */
export type EventHeaders = Readonly<Record<string, string>>;

/** Where accepted events go. */
export interface EventSink {
  /**
   * Resolves when the broker has the event for good (`acks=all`).
   *
   * @throws SwitchboardError retryable when the broker is away or slow, within 2 s; not retryable when it will never
   * take these bytes.
   */
  sendCall(event: VoiceCallReceived, headers: EventHeaders): Promise<void>;
  /** As {@link EventSink.sendCall}. */
  sendRecord(record: RecordReceived, headers: EventHeaders): Promise<void>;
  /** As {@link EventSink.sendCall}. */
  sendMessage(event: MessageReceived, headers: EventHeaders): Promise<void>;
  /** As {@link EventSink.sendCall}. */
  sendDeadLetter(letter: DeadLetter, headers: EventHeaders): Promise<void>;
  /** Resolves when an event could be taken now. @throws SwitchboardError that says what is away. */
  check(): Promise<void>;
}
