import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readOr, StartError } from '@switchboard/embedded';

/** What the demo installation must keep to itself, made once and kept in `secrets.json`. */
export interface Secrets {
  /** Base64 of 32 bytes: seals tenants' secrets and dead letters. */
  secretsKey: string;
  /** Base64 of 32 bytes: keyed HMAC of phones. */
  pseudonymKey: string;
  /** `whsec_` and base64 of 32 bytes. */
  webhookSecret: string;
  twilioAuthToken: string;
  apiKey: string;
  voiceAgentApiKey: string;
  loginPassword: string;
  postgresPassword: string;
  registryPassword: string;
  /** Of the roles that services log in with. */
  migratePassword: string;
  ingestPassword: string;
  enrichPassword: string;
  sinkPassword: string;
  apiPassword: string;
  clickhousePassword: string;
  analystPassword: string;
}

/**
 * Reads the secrets of a data directory, making those that are missing. Those that are given win; they are kept where
 * they came from, and not here.
 */
export async function loadSecrets(dir: string, given: Partial<Secrets> = {}): Promise<Secrets> {
  const file = join(dir, 'secrets.json');
  const known = await readKnown(file);
  const made = makeSecrets();
  const fromOutside = Object.fromEntries(Object.entries(given).filter(([, secret]) => secret !== undefined));
  const missing = Object.entries(made).filter(([name]) => !(name in known) && !(name in fromOutside));
  if (missing.length > 0) {
    const kept = { ...known, ...Object.fromEntries(missing) };
    await writeFile(`${file}.new`, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
  return { ...made, ...known, ...Object.fromEntries(missing), ...fromOutside };
}

async function readKnown(file: string): Promise<Record<string, string>> {
  const text = await readOr(file, '{}');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Without what stands there: it is secret.
    throw new StartError(
      'other_keys',
      `${file} is not JSON any more. Put back the one that belongs to this data, or forget the data: npm start -- --reset.`,
    );
  }
  const known = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [];
  return Object.fromEntries(known.filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
}

/** Secrets that nobody has had before. */
export function makeSecrets(): Secrets {
  const base64 = () => randomBytes(32).toString('base64');
  const hex = (bytes: number) => randomBytes(bytes).toString('hex');
  const apiKey = () => `sb_${hex(6)}_${hex(32)}`;
  return {
    secretsKey: base64(),
    pseudonymKey: base64(),
    webhookSecret: `whsec_${base64()}`,
    twilioAuthToken: hex(16),
    apiKey: apiKey(),
    voiceAgentApiKey: apiKey(),
    loginPassword: randomBytes(12).toString('base64url'),
    postgresPassword: hex(16),
    registryPassword: hex(16),
    migratePassword: hex(16),
    ingestPassword: hex(16),
    enrichPassword: hex(16),
    sinkPassword: hex(16),
    apiPassword: hex(16),
    clickhousePassword: hex(16),
    analystPassword: hex(16),
  };
}
