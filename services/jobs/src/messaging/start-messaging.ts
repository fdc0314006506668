import { outgoingAddress } from '@switchboard/media/outgoing-address';
import type { Config, OnStep, Sealer } from '@switchboard/platform';
import type { Rounds } from '@switchboard/platform/rounds';
import type { jobsShape } from '../config.ts';
import { callbackUrl } from './callback-url.ts';
import { type ReconcilerOptions, startReconciler } from './reconciler.ts';
import { sendPauses } from './schedule.ts';
import { startSendWorker } from './send-worker.ts';

export interface MessagingOptions
  extends Pick<ReconcilerOptions, 'pool' | 'producer' | 'codec' | 'logger' | 'metrics' | 'failures' | 'now'> {
  onStep?: OnStep;
  sealer: Sealer;
  config: Readonly<Config<typeof jobsShape>>;
}

/** After all of the time that an attempt may take, to write down how it ended. */
const markMs = 10_000;
/** Statuses come as late as a phone is switched on again; what is older than a day is told by its callback alone. */
const overlapMs = 86_400_000;
/** A webhook may take so long before it is missed. */
const settleMs = 120_000;

/** Sends messages and compares Twilio's with ours until it is stopped; it is woken when a message is queued. */
export function startMessaging({ config, ...options }: MessagingOptions): Rounds {
  const pseudonymKey = config.PSEUDONYM_KEY;
  const twilio = { apiUrl: config.TWILIO_API_URL, timeoutMs: config.JOBS_MESSAGE_TIMEOUT_MS };
  const account = { sealer: options.sealer, settings: config, twilio };
  const addresses = { publicUrl: config.TWILIO_PUBLIC_URL, apiUrl: config.TWILIO_API_URL };
  const sends = startSendWorker({
    ...options,
    ...account,
    pseudonymKey,
    pauses: sendPauses,
    settledMs: config.JOBS_MESSAGE_SETTLED_MS,
    callbackUrl: (tenantId, messageId) => callbackUrl(addresses, tenantId, messageId),
    mediaUrl: (tenantId, messageId, position) =>
      config.API_PUBLIC_URL &&
      outgoingAddress(
        config.SECRETS_KEY,
        config.API_PUBLIC_URL,
        { tenantId, messageId, position },
        options.now(),
      ),
    concurrency: config.JOBS_MESSAGE_CONCURRENCY,
    perSecond: config.JOBS_MESSAGES_PER_SECOND,
    markMs,
  });
  const reconciler = startReconciler({
    ...options,
    ...account,
    pseudonymKey,
    prefix: config.KAFKA_TOPIC_PREFIX,
    apiUrl: config.TWILIO_API_URL,
    lookMs: config.JOBS_COMPARE_LOOK_MS,
    wholeMs: config.JOBS_COMPARE_MS,
    overlapMs,
    settleMs,
  });
  return {
    wake: sends.wake,
    async stop() {
      await Promise.all([sends.stop(), reconciler.stop()]);
    },
  };
}
