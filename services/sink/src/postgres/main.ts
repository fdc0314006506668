import {
  brokerAccess,
  createCodec,
  createProducer,
  failedMessage,
  fullTopicName,
  groupOf,
  runConsumer,
  sendDeadLetter,
} from '@switchboard/kafka';
import {
  createSealer,
  type OnStep,
  runService,
  type ServiceContext,
  sayUntilThere,
  startHealthServer,
  stepsOf,
} from '@switchboard/platform';
import { askPostgres, createPool } from '@switchboard/postgres';
import { createLoneAttempts } from '@switchboard/postgres/pipeline/lone-attempts';
import type { VoiceCallEnriched } from '@switchboard/schemas';
import { postgresSinkShape } from './config.ts';
import { createDeadLetterHandler } from './consume-dead-letters.ts';
import { createEventHandler, createEventOutcomes, type SetAside } from './consume-events.ts';
import { messageHandling } from './messages/message-handling.ts';
import { importHandling, recordHandling } from './records/record-handling.ts';
import { startUpkeep } from './upkeep.ts';
import { writeEvents } from './write-events.ts';

/** Records in one transaction: more would cost less each, and hold the clinic's lock for longer than calls should wait. */
const recordsPerTransaction = 100;

/** Messages in one transaction: they are written one by one, and each takes a few milliseconds under the clinic's lock. */
const messagesPerTransaction = 10;

/** Events of a file in one transaction: live ones wait for the clinic's lock a few tens of milliseconds at most. */
const importedPerTransaction = 40;

/** Calls in one transaction while a hundred do not keep up with what comes. */
const callsUnderLoad = 200;

/** Starts the process "sink-postgres". */
export async function startPostgresSink(
  { config, logger, lifecycle, metrics, tracing, fatal }: ServiceContext<typeof postgresSinkShape>,
  onStep?: OnStep,
): Promise<void> {
  const prefix = config.KAFKA_TOPIC_PREFIX;
  const access = brokerAccess(config);
  const pool = await lifecycle.start('postgres', () => {
    const value = createPool({
      url: config.DATABASE_URL,
      applicationName: 'sink-postgres',
      max: config.SINK_POOL_SIZE,
      prepare: true,
      onError: (error) => logger.warn({ error }, 'an idle connection to Postgres broke'),
    });
    return { value, stop: () => value.end() };
  });
  const codec = createCodec({
    registryUrl: config.SCHEMA_REGISTRY_URL,
    prefix,
    cacheDir: config.SCHEMA_CACHE_DIR,
  });
  const engines = {
    postgres: () => askPostgres(pool),
    'schema registry': () => codec.prepare(['dead-letter.v1']),
  };
  await lifecycle.start('wait for engines', () => sayUntilThere(engines, logger));
  const producer = await lifecycle.start('producer', async () => {
    const value = createProducer({ ...access, clientId: 'sink-postgres', logger, metrics });
    await value.connect();
    return { value, stop: () => value.close() };
  });
  const sealer = createSealer(config.SECRETS_KEY, config.SECRETS_OLD_KEYS);
  const deadLetters = { producer, codec, prefix, sealer };
  const writer = { pool, pseudonymKey: config.PSEUDONYM_KEY, now: Date.now };

  const outcomes = createEventOutcomes(metrics);

  const attempts = createLoneAttempts(pool);
  const handlingOf = (part: string) => {
    const onStepOf = stepsOf(onStep, part);
    const setAside = async ({ message, topic, ...why }: SetAside) => {
      await sendDeadLetter(deadLetters, { ...failedMessage(prefix, topic, message), stage: 'sink', ...why });
      await onStepOf?.('set-aside');
    };
    return { pool, codec, logger, outcomes, attempts, setAside, tracing, onStep: onStepOf };
  };
  const consuming = { ...access, logger, metrics, onFatal: fatal };

  const events = await lifecycle.start('events', async () => {
    const value = await runConsumer({
      ...consuming,
      groupId: groupOf(config.KAFKA_GROUP_PREFIX, 'voice-call.enriched.v1'),
      onStep: stepsOf(onStep, 'calls'),
      topics: [fullTopicName(prefix, 'voice-call.enriched.v1')],
      handle: createEventHandler({
        ...handlingOf('calls'),
        eventsUnderLoad: callsUnderLoad,
        tenantOf: ({ event }: VoiceCallEnriched) => event.tenant_id,
        write: (tenant, batch) => writeEvents(writer, tenant, batch),
      }),
    });
    return { value, stop: () => value.stop() };
  });
  const records = await lifecycle.start('records', async () => {
    const value = await runConsumer({
      ...consuming,
      groupId: groupOf(config.KAFKA_GROUP_PREFIX, 'record.received.v1'),
      onStep: stepsOf(onStep, 'records'),
      topics: [fullTopicName(prefix, 'record.received.v1')],
      gatherMs: 100,
      handle: createEventHandler({
        ...handlingOf('records'),
        ...recordHandling(writer),
        eventsPerTransaction: recordsPerTransaction,
      }),
    });
    return { value, stop: () => value.stop() };
  });
  const messages = await lifecycle.start('messages', async () => {
    const value = await runConsumer({
      ...consuming,
      groupId: groupOf(config.KAFKA_GROUP_PREFIX, 'message.enriched.v1'),
      onStep: stepsOf(onStep, 'messages'),
      topics: [fullTopicName(prefix, 'message.enriched.v1')],
      gatherMs: 100,
      handle: createEventHandler({
        ...handlingOf('messages'),
        ...messageHandling(writer),
        eventsPerTransaction: messagesPerTransaction,
      }),
    });
    return { value, stop: () => value.stop() };
  });
  // Less at once, and one partition after the other: files never hold up what happens now.
  const imports = await lifecycle.start('imports', async () => {
    const value = await runConsumer({
      ...consuming,
      groupId: groupOf(config.KAFKA_GROUP_PREFIX, 'record.import.v1'),
      onStep: stepsOf(onStep, 'imports'),
      topics: [fullTopicName(prefix, 'record.import.v1')],
      partitionsConcurrently: 1,
      handle: createEventHandler({
        ...handlingOf('imports'),
        ...importHandling(writer),
        eventsPerTransaction: importedPerTransaction,
      }),
    });
    return { value, stop: () => value.stop() };
  });
  const letters = await lifecycle.start('dead letters', async () => {
    const value = await runConsumer({
      ...access,
      groupId: groupOf(config.KAFKA_GROUP_PREFIX, 'dead-letter.v1'),
      onStep: stepsOf(onStep, 'letters'),
      topics: [fullTopicName(prefix, 'dead-letter.v1')],
      logger,
      onFatal: fatal,
      handle: createDeadLetterHandler({
        pool,
        attempts,
        onStep: stepsOf(onStep, 'letters'),
        codec,
        sealer,
        pseudonymKey: config.PSEUDONYM_KEY,
        logger,
        metrics,
      }),
    });
    return { value, stop: () => value.stop() };
  });
  await lifecycle.start('upkeep', () => {
    const value = startUpkeep({
      ...writer,
      logger,
      metrics,
      everyMs: config.SINK_UPKEEP_MS,
      inboxDays: config.SINK_INBOX_DAYS,
      originals: { codec, sealer, attempts },
    });
    return { value, stop: () => value.stop() };
  });
  await lifecycle.start('health', async () => {
    const value = await startHealthServer({
      host: config.HOST,
      port: config.PORT,
      metrics,
      checks: {
        ...engines,
        broker: () => producer.check(),
        events: () => events.check(),
        records: () => records.check(),
        messages: () => messages.check(),
        imports: () => imports.check(),
        'dead letters': () => letters.check(),
      },
    });
    return { value, stop: () => value.stop() };
  });
}

if (import.meta.main) await runService('sink-postgres', postgresSinkShape, startPostgresSink);
