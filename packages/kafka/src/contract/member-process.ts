import { sleep } from '@switchboard/platform';
import { join } from './kit.ts';
import type { MemberSettings } from './start-member.ts';

/** Holds its first batch until that is taken from it, then says the last text of each batch. */
const { broker, topic, groupId, sessionTimeoutMs }: MemberSettings = JSON.parse(process.argv[2] ?? '{}');

await join(broker, {
  topics: [topic],
  groupId,
  sessionTimeoutMs,
  async handle({ messages, firstOffset }, { signal }) {
    if (firstOffset === '0') {
      console.log('in hand');
      await sleep(120_000, signal);
      console.log('stale');
      return;
    }
    console.log(messages.at(-1)?.value.toString());
  },
});
