import { createSecretKey } from 'node:crypto';
import { brokerAccess, createCodec, createProducer } from '@switchboard/kafka';
import {
  createSealer,
  type OnStep,
  runService,
  type ServiceContext,
  sayUntilThere,
  sleep,
} from '@switchboard/platform';
import { connectSharedCounts } from '@switchboard/platform/quota';
import { createIngestTenantReader } from '@switchboard/postgres/ingest/tenants';
import { createInFlight } from './admission/in-flight.ts';
import { mediaOf } from './admission/media.ts';
import { createRateLimit } from './admission/rate-limit.ts';
import { createTenantQuota } from './admission/tenant-quota.ts';
import { createApp } from './app.ts';
import { createAcceptClinicEvents } from './clinic-events/accept-clinic-events.ts';
import { createAuthenticateKey } from './clinic-events/authenticate-key.ts';
import { contentModeOf } from './clinic-events/content-mode.ts';
import { createReadCloudEvent } from './clinic-events/read-cloud-event.ts';
import { createTakeClinicEvents } from './clinic-events/take-clinic-events.ts';
import { ingestShape } from './config.ts';
import { createKafkaSink } from './events/kafka-sink.ts';
import { createKeepRejected } from './events/keep-rejected.ts';
import { createIngestMetrics } from './ingest-metrics.ts';
import { createReadinessProbe } from './readiness.ts';
import { createRecordReader } from './records/read-record.ts';
import { createReplayBody } from './replays/replay-body.ts';
import { startReplayingLetters } from './replays/replay-letters.ts';
import { createSigningSecret } from './signatures/secrets.ts';
import { createLoadTenants } from './tenants/load-tenants.ts';
import { createTenantDirectory, type Tenant } from './tenants/tenant-directory.ts';
import { createVendors } from './vendors/index.ts';
import { createAcceptEvent } from './webhook/accept-event.ts';
import { type AdmissionOptions, createAdmission } from './webhook/admit-request.ts';
import { createAuthenticateSender } from './webhook/authenticate-sender.ts';
import { createTakeVoiceWebhook } from './webhook/take-voice-webhook.ts';
import { createAcceptMessage } from './whatsapp/accept-message.ts';
import { createTakeWhatsappWebhook, twilioMedia } from './whatsapp/take-whatsapp-webhook.ts';

/** Starts the process "ingest". */
export async function startIngest(
  { config, logger, lifecycle, metrics: registry, tracing }: ServiceContext<typeof ingestShape>,
  onStep?: OnStep,
): Promise<void> {
  const now = Date.now;
  const startedAt = now();
  const metrics = createIngestMetrics(registry);
  const sealer = createSealer(config.SECRETS_KEY, config.SECRETS_OLD_KEYS);
  const vendors = createVendors();
  const maxBodyBytes = config.INGEST_MAX_BODY_BYTES;

  const reader = await lifecycle.start('tenant reader', () => {
    const value = createIngestTenantReader({ databaseUrl: config.DATABASE_URL, logger });
    return { value, stop: value.close };
  });

  // Neither store is waited for: ingest answers 503 until both were there once.
  const tenants = await lifecycle.start('tenants', () => {
    const value = createTenantDirectory({
      load: createLoadTenants({ reader, sealer, logger }),
      defaultTenantId: config.DEFAULT_TENANT_ID,
      defaultSecret: config.ZOICE_WEBHOOK_SECRET
        ? createSigningSecret('ZOICE_WEBHOOK_SECRET', config.ZOICE_WEBHOOK_SECRET)
        : undefined,
      defaultTwilioSecret: config.TWILIO_WEBHOOK_SECRET
        ? createSigningSecret('TWILIO_WEBHOOK_SECRET', config.TWILIO_WEBHOOK_SECRET)
        : undefined,
      refreshMs: config.INGEST_TENANTS_REFRESH_MS,
      logger,
      now,
    });
    value.start();
    return { value, stop: value.stop };
  });

  const producing = {
    ...brokerAccess(config),
    deadlineMs: config.INGEST_SEND_DEADLINE_MS,
    logger,
    metrics: registry,
  };
  const producer = await lifecycle.start('producer', async () => {
    const value = createProducer({ ...producing, clientId: 'switchboard-ingest' });
    await value.connect();
    return { value, stop: value.close };
  });
  // In requests of their own, and by a connection that the first one makes: where they can't be written, events can.
  const letterProducer = await lifecycle.start('producer of dead letters', () => {
    const value = createProducer({ ...producing, clientId: 'switchboard-ingest-dead-letters' });
    return { value, stop: value.close };
  });

  const sending = {
    producer,
    letterProducer,
    codec: createCodec({
      registryUrl: config.SCHEMA_REGISTRY_URL,
      prefix: config.KAFKA_TOPIC_PREFIX,
      cacheDir: config.SCHEMA_CACHE_DIR,
    }),
    prefix: config.KAFKA_TOPIC_PREFIX,
    deadlineMs: config.INGEST_SEND_DEADLINE_MS,
    tracing,
    logger,
    onStep,
  };
  const sink = createKafkaSink(sending);
  await lifecycle.start('wait for engines', () => sayUntilThere({ broker: () => sink.check() }, logger));

  const inFlight = createInFlight({
    maxRequests: config.INGEST_MAX_REQUESTS_IN_FLIGHT,
    maxBytes: config.INGEST_MAX_BYTES_IN_FLIGHT,
  });
  // Records come in bulk; they never take the room or the quota that calls need.
  const recordsInFlight = createInFlight({
    maxRequests: Math.ceil(config.INGEST_MAX_REQUESTS_IN_FLIGHT / 4),
    maxBytes: Math.max(maxBodyBytes, config.INGEST_MAX_BYTES_IN_FLIGHT / 4),
  });
  const addressLimit = createRateLimit({
    limit: config.INGEST_ADDRESS_LIMIT_PER_MINUTE,
    windowMs: 60_000,
    now,
  });
  const redis = await lifecycle.start('redis', () => {
    const value = config.REDIS_URL ? connectSharedCounts(config.REDIS_URL, logger) : undefined;
    return { value, stop: async () => value?.close() };
  });
  const admissionOf = ({
    door: name,
    counted,
    ...own
  }: Pick<AdmissionOptions, 'inFlight' | 'checkMedia'> & {
    door: string;
    counted: keyof Tenant['quotas'];
  }) => {
    const quota = createTenantQuota(name, redis);
    return createAdmission({
      takeQuota: ({ id, quotas }) => quota.take(id, quotas[counted] ?? config.INGEST_TENANT_LIMIT_PER_MINUTE),
      chargeQuota: ({ id }, events) => quota.charge(id, events),
      ...{ ...own, addressLimit, maxBodyBytes, isLoaded: tenants.isLoaded, metrics },
    });
  };
  const probe = createReadinessProbe({
    sink,
    tenants,
    hasTwilioUrl: config.TWILIO_PUBLIC_URL !== undefined,
  });
  const keepRejected = createKeepRejected({ sink, sealer, metrics });
  const readCloudEvent = createReadCloudEvent(createRecordReader());
  const pseudonymKey = createSecretKey(config.PSEUDONYM_KEY);
  await lifecycle.start('replays', () => {
    const value = startReplayingLetters({
      db: reader.db,
      tenants,
      replayBody: createReplayBody({
        sink: createKafkaSink({ ...sending, takenAgain: true }),
        ...{ vendors, readCloudEvent, pseudonymKey, metrics },
      }),
      sealer,
      logger,
      failures: metrics.failures,
      everyMs: config.INGEST_REPLAYS_MS,
      onStep,
    });
    return { value, stop: value.stop };
  });

  const app = await createApp({
    takeVoiceWebhook: createTakeVoiceWebhook({
      admission: admissionOf({
        door: 'calls',
        counted: 'events',
        inFlight,
        checkMedia: (request) => void mediaOf(request, ['application/json']),
      }),
      authenticateSender: createAuthenticateSender({ tenants, vendors, maxBodyBytes, metrics, now }),
      acceptEvent: createAcceptEvent({ sink, keepRejected, vendorNames: [...vendors.keys()], metrics }),
    }),
    takeWhatsappWebhook: createTakeWhatsappWebhook({
      admission: admissionOf({
        door: 'messages',
        counted: 'events',
        inFlight,
        checkMedia: (request) => void mediaOf(request, twilioMedia),
      }),
      tenants,
      acceptMessage: createAcceptMessage({ sink, keepRejected, pseudonymKey, metrics }),
      publicUrl: config.TWILIO_PUBLIC_URL,
      maxBodyBytes,
      metrics,
      now,
    }),
    takeClinicEvents: createTakeClinicEvents({
      admission: admissionOf({
        door: 'records',
        counted: 'records',
        inFlight: recordsInFlight,
        checkMedia: (request) => void contentModeOf(request),
      }),
      authenticateKey: createAuthenticateKey({ tenants, metrics }),
      acceptClinicEvents: createAcceptClinicEvents({
        sink,
        keepRejected,
        readCloudEvent,
        pseudonymKey,
        metrics,
      }),
      maxBodyBytes,
      metrics,
      now,
    }),
    operations: {
      probe,
      metrics: registry,
      refreshGauges() {
        metrics.bytesInFlight.set(inFlight.bytes + recordsInFlight.bytes);
        metrics.tenantsAge.set((tenants.ageMs() ?? now() - startedAt) / 1000);
      },
    },
    metrics,
    logger,
    trustProxy: config.INGEST_TRUST_PROXY,
    requestTimeoutMs: config.INGEST_REQUEST_TIMEOUT_MS,
  });

  await lifecycle.start('http', async () => {
    const url = await app.listen({ host: config.HOST, port: config.PORT });
    logger.info({ url }, 'listening');
    return {
      value: undefined,
      async stop() {
        probe.drain();
        await sleep(config.INGEST_DRAIN_DELAY_MS);
        await app.close();
      },
    };
  });
}

if (import.meta.main) await runService('ingest', ingestShape, startIngest);
