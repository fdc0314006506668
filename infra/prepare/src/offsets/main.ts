/**
 * `npm run offsets [-- --to-earliest]`: exit code 0 when every group's place is in its log, 1 when one isn't, 2 when it could not
 * be told or set.
 */
import { parseArgs } from 'node:util';
import { brokerAccess } from '@switchboard/kafka';
import { lostPlaces } from '@switchboard/kafka/rewind-groups';
import { loadConfig, SwitchboardError } from '@switchboard/platform';
import { runCommand } from '@switchboard/platform/run-command';
import { offsetsShape } from './config.ts';

await runCommand('offsets', async () => {
  const set = readArguments();
  const config = loadConfig(offsetsShape);
  const lost = await lostPlaces({ ...brokerAccess(config), groupPrefix: config.KAFKA_GROUP_PREFIX }, set);
  for (const { group, topic, partition, committed, first } of lost)
    process.stdout.write(
      `${group}, ${topic}/${partition}: ${committed} is not in the log, which begins at ${first}${set ? ': it goes on there' : ''}\n`,
    );
  if (lost.length === 0) process.stdout.write('every group’s place is in its log\n');
  return lost.length === 0 || set ? 0 : 1;
});

function readArguments(): boolean {
  try {
    return parseArgs({ options: { 'to-earliest': { type: 'boolean', default: false } } }).values[
      'to-earliest'
    ];
  } catch {
    throw new SwitchboardError('usage', 'npm run offsets [-- --to-earliest]');
  }
}
