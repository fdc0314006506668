import type { DeadLetterReason } from '@switchboard/domain/dead-letter-reasons';
import type { Codec } from '@switchboard/kafka';
import { describeError } from '@switchboard/platform';
import type { Arrived, Decoded } from '../events.ts';
import { deadLetter, forEach, isRetryable, ok, type Step } from '../pipeline/results.ts';

/** Codes of the codec that name poison, which are the reasons of dead letters too. */
const poison: readonly DeadLetterReason[] = ['not_avro', 'unknown_schema', 'schema_mismatch', 'bad_payload'];

/** Reads the bytes. The registry away is nobody's fault: the batch comes again. */
export function createDecodeEventStep<E>({
  codec,
}: {
  codec: Pick<Codec, 'decode'>;
}): Step<Arrived, Decoded<E>> {
  return async function decodeEvent(arrived) {
    return forEach('decodeEvent', arrived, async (input) => {
      try {
        const event = await codec.decode<E>(input.topic, input.message.value);
        return ok({ ...input, event });
      } catch (error) {
        if (isRetryable(error)) throw error;
        const { code } = describeError(error);
        return deadLetter(poison.find((reason) => reason === code) ?? 'bad_payload', error);
      }
    });
  };
}
