import { ruleExtractor } from '@switchboard/domain/extraction';
import {
  brokerAccess,
  createCodec,
  createProducer,
  type FailedEvent,
  fullTopicName,
  groupOf,
  type HandleBatch,
  type IncomingMessage,
  runConsumer,
  sendDeadLetter,
  type TopicName,
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
import { type GuardedWork, guardBatches } from '@switchboard/postgres/pipeline/guard-batches';
import { createLoneAttempts } from '@switchboard/postgres/pipeline/lone-attempts';
import { createClinicCache } from './clinic-cache.ts';
import { enrichShape } from './config.ts';
import { createEnrichCalls, type EnrichDeps } from './enrich-calls.ts';
import { createEnrichMessages } from './enrich-messages.ts';
import { createEnrichMetrics } from './enrich-metrics.ts';
import { createIsolatedExtraction } from './isolation/isolated-extraction.ts';
import { createReader } from './read-postgres.ts';

const written: readonly TopicName[] = ['voice-call.enriched.v1', 'message.enriched.v1', 'dead-letter.v1'];

/** What is ours unless told. */
export interface EnrichParts {
  /** Module that reads transcripts in their thread. */
  extractionWorker?: URL;
  codecOf?: typeof createCodec;
}

/** Starts the process "enrich". */
export async function startEnrich(
  { config, logger, lifecycle, metrics, tracing, fatal }: ServiceContext<typeof enrichShape>,
  onStep?: OnStep,
  { extractionWorker, codecOf = createCodec }: EnrichParts = {},
): Promise<void> {
  const prefix = config.KAFKA_TOPIC_PREFIX;
  const codec = codecOf({
    registryUrl: config.SCHEMA_REGISTRY_URL,
    prefix,
    cacheDir: config.SCHEMA_CACHE_DIR,
  });

  const pool = await lifecycle.start('postgres', () => {
    const value = createPool({
      url: config.DATABASE_URL,
      applicationName: 'switchboard-enrich',
      max: 4,
      prepare: true,
      onError: (error) => logger.warn({ error }, 'a connection to Postgres was lost'),
    });
    return { value, stop: () => value.end() };
  });
  const reader = createReader(pool);
  const engines = {
    postgres: () => askPostgres(pool),
    'schema registry': () => codec.prepare(written),
  };
  await lifecycle.start('wait for engines', () => sayUntilThere(engines, logger));

  const producing = {
    ...brokerAccess(config),
    deadlineMs: config.ENRICH_SEND_DEADLINE_MS,
    logger,
    metrics,
  };
  const producer = await lifecycle.start('producer', async () => {
    const value = createProducer({ ...producing, clientId: 'switchboard-enrich' });
    await value.connect();
    return { value, stop: value.close };
  });
  // In requests of their own, and by a connection that the first one makes: where they can't be written, events can.
  const letterProducer = await lifecycle.start('producer of dead letters', () => {
    const value = createProducer({ ...producing, clientId: 'switchboard-enrich-dead-letters' });
    return { value, stop: value.close };
  });

  const extraction = await lifecycle.start('extraction thread', () => {
    const value = createIsolatedExtraction({
      logger,
      budgetMs: config.ENRICH_EXTRACTION_BUDGET_MS,
      maxHeapMb: config.ENRICH_EXTRACTION_HEAP_MB,
      workerUrl: extractionWorker,
    });
    return { value, stop: value.stop };
  });

  const deadLetters = {
    producer: letterProducer,
    codec,
    prefix,
    sealer: createSealer(config.SECRETS_KEY, config.SECRETS_OLD_KEYS),
  };
  const attempts = createLoneAttempts(pool);
  const deps = {
    codec,
    producer,
    prefix,
    extractorVersion: ruleExtractor.version,
    deadlineMs: config.ENRICH_SEND_DEADLINE_MS,
    findClinics: createClinicCache({
      load: reader.loadClinics,
      maxAgeMs: config.ENRICH_CLINIC_MAX_AGE_MS,
      now: () => performance.now(),
    }),
    loadPatients: reader.loadPatients,
    extractAll: extraction.extractAll,
    logger,
    metrics: createEnrichMetrics(metrics),
    tracing,
    now: Date.now,
  };
  const start = (name: string, topic: TopicName, createHandler: (deps: EnrichDeps) => HandleBatch) =>
    lifecycle.start(name, async () => {
      const onStepOf = stepsOf(onStep, groupOf('', topic));
      const handle = createHandler({
        ...deps,
        guard: (work: GuardedWork<IncomingMessage>) =>
          guardBatches({ pool, attempts, onStep: onStepOf, ...work }),
        async setAside(event: FailedEvent) {
          await sendDeadLetter(deadLetters, event);
          await onStepOf?.('set-aside');
        },
      });
      const value = await runConsumer({
        ...brokerAccess(config),
        clientId: 'switchboard-enrich',
        groupId: groupOf(config.KAFKA_GROUP_PREFIX, topic),
        topics: [fullTopicName(prefix, topic)],
        handle,
        logger,
        metrics,
        onFatal: fatal,
        // A fetch, a look-up and a send each cost more than an event's own share of them.
        gatherMs: 100,
        onStep: onStepOf,
      });
      return { value, stop: value.stop };
    });
  const consumer = await start('consumer', 'voice-call.received.v1', createEnrichCalls);
  // A group of its own, so that messages never wait behind the long transcripts of calls.
  const messages = await start('consumer of messages', 'message.received.v1', createEnrichMessages);

  await lifecycle.start('health', async () => {
    const value = await startHealthServer({
      host: config.HOST,
      port: config.PORT,
      metrics,
      checks: {
        kafka: consumer.check,
        messages: messages.check,
        producer: producer.check,
        ...engines,
      },
    });
    return { value, stop: value.stop };
  });
}

if (import.meta.main) await runService('enrich', enrichShape, startEnrich);
