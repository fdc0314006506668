import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seedClinic } from '@switchboard/start/seed-clinic';
import { z } from 'zod';
import { demoCallers, type SimulatedClinic } from './clinic.ts';
import { createClinicEventWriter } from './clinic-event.ts';
import { clinicOfMany } from './clinics.ts';
import type { DeskOptions } from './desk/desk-client.ts';
import type { ToolsOptions } from './live-tools.ts';
import { personData, personOf } from './people.ts';
import type { PostEventsOptions } from './post-events.ts';
import type { TwilioOptions } from './run-simulation.ts';

/** A clinic, and where what is simulated of it is posted. */
export interface Target {
  clinic: SimulatedClinic;
  /** Of the voice agent's webhooks. */
  url: string;
  secret: string;
  events?: PostEventsOptions;
  tools?: ToolsOptions;
  twilio?: TwilioOptions;
  /** Its staff, who work with the API. */
  desk?: DeskOptions;
}

/** What `npm start` writes for scripts. */
const demoShape = z.object({
  ingest: z.url(),
  api: z.url(),
  postgres: z.url(),
  webhook_secret: z.string(),
  login: z.object({ email: z.string(), password: z.string() }),
  api_key: z.string(),
  voice_agent_api_key: z.string(),
  twilio_auth_token: z.string(),
  twilio_public_url: z.string(),
});
const secretsShape = z.object({ secretsKey: z.string() });

type Demo = z.infer<typeof demoShape>;

/** Where a stack that is not `npm start`'s is reached; the default clinic alone. */
export interface GivenTarget {
  url: string;
  secret: string;
  key?: string;
}

/**
 * The clinics of the stack that runs here: the demo clinic, and as many more as are wanted, made if they are not there yet.
 * @param dir the data directory of `npm start`
 * @throws Error which says what is missing
 */
export async function targetsHere(dir: string, count: number, signal?: AbortSignal): Promise<Target[]> {
  const demo = demoShape.parse(await readJson(join(dir, 'demo.json')));
  const first = targetOf(demo, demoCallers, {
    path: '',
    secret: demo.webhook_secret,
    key: demo.api_key,
    toolsKey: demo.voice_agent_api_key,
    authToken: demo.twilio_auth_token,
    login: demo.login,
    signal,
  });
  if (count === 1) return [first];
  const { secretsKey } = secretsShape.parse(await readJson(join(dir, 'secrets.json')));
  const others = Array.from({ length: count - 1 }, (_, index) => clinicOfMany(index + 1));
  const targets = [first];
  for (const { seeded, simulated } of others) {
    const secrets = secretsOf(seeded.slug, secretsKey);
    await seedClinic(demo.postgres, seeded, secrets);
    targets.push(
      targetOf(demo, simulated, {
        path: `/${seeded.slug}`,
        secret: secrets.webhookSecret,
        key: secrets.apiKey,
        toolsKey: secrets.voiceAgentApiKey,
        authToken: secrets.twilioAuthToken,
        login: { email: seeded.ownerEmail, password: secrets.loginPassword },
        signal,
      }),
    );
  }
  await Promise.all(targets.map((target) => untilKnown(target)));
  return targets;
}

/** The default clinic of any stack. */
export function targetElsewhere({ url, secret, key }: GivenTarget, signal?: AbortSignal): Target {
  const eventsUrl = url.replace(/\/voice\/webhook.*$/, '/events');
  return { clinic: demoCallers, url, secret, ...(key && { events: { url: eventsUrl, key, signal } }) };
}

function targetOf(
  demo: Demo,
  clinic: SimulatedClinic,
  by: {
    path: string;
    secret: string;
    key: string;
    toolsKey: string;
    authToken: string;
    login: Omit<DeskOptions, 'url'>;
    signal: AbortSignal | undefined;
  },
): Target {
  const { path, secret, key, toolsKey, authToken, login, signal } = by;
  const whatsapp = `/api/v1/whatsapp/webhook${path}`;
  return {
    clinic,
    url: `${demo.ingest}/api/v1/voice/webhook${path}`,
    secret,
    events: { url: `${demo.ingest}/api/v1/events`, key, signal },
    tools: { url: `${demo.api}/api/v1/voice/tools`, key: toolsKey },
    twilio: {
      url: `${demo.ingest}${whatsapp}`,
      publicUrl: `${demo.twilio_public_url}${whatsapp}`,
      authToken,
    },
    desk: { url: `${demo.api}/api/v1`, ...login },
  };
}

/** Made of the installation's own key, so that the same clinics have the same secrets each time. */
function secretsOf(slug: string, secretsKey: string) {
  const made = (name: string) =>
    createHmac('sha256', Buffer.from(secretsKey, 'base64'))
      .update(`simulated clinic ${slug}: ${name}`)
      .digest();
  const apiKey = (name: string) =>
    `sb_${made(`${name} id`).toString('hex').slice(0, 12)}_${made(name).toString('hex')}`;
  return {
    secretsKey,
    webhookSecret: `whsec_${made('webhook').toString('base64')}`,
    twilioAuthToken: made('twilio').toString('hex').slice(0, 32),
    apiKey: apiKey('api key'),
    voiceAgentApiKey: apiKey('voice agent'),
    loginPassword: made('login').toString('base64url').slice(0, 16),
  };
}

const patienceMs = 90_000;

/** Ingest learns of new clinics by and by: until it knows this one's key it answers 401. */
async function untilKnown({ clinic, events }: Target): Promise<void> {
  if (!events) return;
  const person = personOf(clinic, 0);
  const { write } = createClinicEventWriter(`known-${clinic.slug}`, clinic.timeZone);
  const body = JSON.stringify([write('patient.updated', person.id, Date.now(), personData(person))]);
  for (const end = Date.now() + patienceMs; Date.now() < end && !events.signal?.aborted; ) {
    const response = await fetch(events.url, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents-batch+json', 'x-api-key': events.key },
      body,
    });
    await response.arrayBuffer();
    if (response.status === 202) return;
    await sleep(1_000);
  }
  throw new Error(`ingest does not know the clinic ${clinic.slug} after ${patienceMs / 1_000} s`);
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Error(`${file} is not there: is npm start running? Otherwise give --url and --secret.`);
  });
  return JSON.parse(text);
}
