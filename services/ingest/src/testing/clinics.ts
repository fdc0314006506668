import { createHash, randomBytes } from 'node:crypto';
import { uuidV7 } from '@switchboard/domain/ids';
import type { Sealer } from '@switchboard/platform';
import { createPool } from '@switchboard/postgres';

const id = () => uuidV7(Date.now());
const apiKey = (...scopes: string[]) => ({
  text: `sb_${randomBytes(6).toString('hex')}_${randomBytes(32).toString('hex')}`,
  scopes,
});
const secret = () => `whsec_${randomBytes(24).toString('base64')}`;

/** Clinics of the ingest tests, and what their vendors sign with. */
export const clinics = {
  /** The default tenant; its older secret is still in its overlap. */
  asha: {
    id: id(),
    slug: 'asha-clinic',
    status: 'active',
    modes: ['standard', 'zoice', 'vapi', 'retell'],
    secrets: [
      { text: secret(), notAfter: null },
      { text: secret(), notAfter: new Date(Date.now() + 3_600_000) },
    ],
    defaultSecret: 'the default tenant’s own',
    keys: [apiKey('events:write'), apiKey('analytics:read', 'voice:tools')],
  },
  /** Has switched on the secret in a header, and nothing else. */
  banyan: {
    id: id(),
    slug: 'banyan-clinic',
    status: 'active',
    modes: ['secret'],
    secrets: [
      { text: secret(), notAfter: null },
      { text: secret(), notAfter: new Date(Date.now() - 1_000) },
    ],
    keys: [apiKey('events:write')],
  },
  cedar: {
    id: id(),
    slug: 'cedar-clinic',
    status: 'suspended',
    modes: ['standard', 'zoice'],
    secrets: [{ text: secret(), notAfter: null }],
    keys: [apiKey('events:write')],
  },
};

export async function seedClinics(adminUrl: string, sealer: Sealer): Promise<void> {
  const pool = createPool({ url: adminUrl, applicationName: 'ingest-test', max: 1 });
  try {
    for (const clinic of Object.values(clinics)) {
      await pool.query(
        `INSERT INTO tenants (id, slug, name, status, time_zone, country, webhook_modes)
         VALUES ($1, $2, $2, $3, 'Asia/Kolkata', 'IN', $4)`,
        [clinic.id, clinic.slug, clinic.status, clinic.modes],
      );
      for (const { text, notAfter } of clinic.secrets) {
        await pool.query(
          `INSERT INTO tenant_webhook_secrets (tenant_id, id, kind, sealed, not_after) VALUES ($1, $2, 'voice', $3, $4)`,
          [clinic.id, id(), sealer.seal(Buffer.from(text)), notAfter],
        );
      }
      for (const { text, scopes } of clinic.keys) {
        const [, keyId, secretPart = ''] = text.split('_');
        await pool.query(
          `INSERT INTO api_keys (tenant_id, id, key_id, secret_hash, name, scopes) VALUES ($1, $2, $3, $4, 'test', $5)`,
          [clinic.id, id(), keyId, createHash('sha256').update(secretPart).digest(), scopes],
        );
      }
    }
  } finally {
    await pool.end();
  }
}
