/**
 * `npm run prepare-stores`: makes stores at any URLs ready for the services. Exit code 0: they are; 1: one could not be
 * made ready; 78: settings are wrong.
 */
import { describeError, loadConfig, SwitchboardError } from '@switchboard/platform';
import { prepareShape } from './config.ts';
import { isSettingsFault, prepareStores } from './prepare-stores.ts';

try {
  await prepareStores({
    config: loadConfig(prepareShape),
    say: (line) => process.stdout.write(`${line}\n`),
  });
} catch (error) {
  const own = error instanceof SwitchboardError;
  process.stderr.write(`prepare-stores: ${own ? error.message : JSON.stringify(describeError(error))}\n`);
  process.exitCode = own && isSettingsFault(error) ? 78 : 1;
}
