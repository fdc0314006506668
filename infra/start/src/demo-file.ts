import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a script needs to use the running system; the content of `demo.json`. */
export interface Demo {
  /** Base URLs of the services, without a path. */
  ingest: string;
  api: string;
  /** `host:port,…` */
  kafka: string;
  /** Confluent-compatible base. */
  schema_registry: string;
  /** A superuser's URL, which row-level security does not bind. */
  postgres: string;
  clickhouse: { url: string; user: string; password: string };
  /** The data team's user of ClickHouse. */
  analyst: { user: string; password: string };
  /** Id of the demo tenant. */
  tenant: string;
  login: { email: string; password: string };
  /** Has every scope. */
  api_key: string;
  voice_agent_api_key: string;
  webhook_secret: string;
  /** Base64 of 32 bytes: what an import makes the keys of records with. */
  pseudonym_key: string;
  twilio_auth_token: string;
  /** The base that Twilio's signatures are made over, without a path. */
  twilio_public_url: string;
}

/** Writes `demo.json`, for this user's eyes only. */
export async function writeDemoFile(dir: string, demo: Demo): Promise<void> {
  await removeDemoFile(dir);
  await writeFile(join(dir, 'demo.json'), `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
}

export function removeDemoFile(dir: string): Promise<void> {
  return rm(join(dir, 'demo.json'), { force: true });
}
