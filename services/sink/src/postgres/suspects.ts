import type { IncomingMessage } from '@switchboard/kafka';
import type { OffsetRange } from '@switchboard/postgres/pipeline/in-flight';

/** Of what was begun together and not finished, so many parts are tried one after the other. */
const parts = 10;

/** In order, and as even as can be; of ten messages or fewer one each. */
export function partsOf(messages: readonly IncomingMessage[]): IncomingMessage[][] {
  const size = Math.ceil(messages.length / parts);
  const found: IncomingMessage[][] = [];
  for (let at = 0; at < messages.length; at += size) found.push(messages.slice(at, at + size));
  return found;
}

/** Messages that lie in the range, and all others. */
export function split(
  messages: readonly IncomingMessage[],
  range: OffsetRange | undefined,
): [IncomingMessage[], IncomingMessage[]] {
  const { true: inside = [], false: outside = [] } = Object.groupBy(messages, ({ offset }) =>
    String(range !== undefined && range.first <= Number(offset) && Number(offset) <= range.last),
  );
  return [inside, outside];
}
