import { mediaStoreShape } from '@switchboard/media/config';
import {
  baseShape,
  brokerShape,
  type Config,
  type ConfigShape,
  databaseUrl,
  kafkaShape,
} from '@switchboard/platform';

/** Settings of `npm run backup` and `npm run restore`. */
export const backupShape = {
  ...brokerShape,
  KAFKA_GROUP_PREFIX: kafkaShape.KAFKA_GROUP_PREFIX,
  DATABASE_URL: databaseUrl('postgres', 'A superuser’s: row-level security hides rows from everybody else.'),
  ...mediaStoreShape,
  LOG_LEVEL: baseShape.LOG_LEVEL.default('fatal'),
} satisfies ConfigShape;

export type BackupConfig = Config<typeof backupShape>;
