import type { Sealer } from '@switchboard/platform';
import type { TwilioSettings } from '@switchboard/platform/twilio-settings';
import type { Pool } from '@switchboard/postgres';
import type { createCheckOrigin } from '../auth/origin.ts';
import type { Allow } from '../plugins/authenticate.ts';

/** What routes of records and of the clinic's own affairs need. */
export interface RecordRoutesOptions {
  pool: Pool;
  /**
   * For tools, bookings and the inbox, which write under the clinic's lock: statements are planned once a connection, which
   * took them longer than running, and no list keeps them waiting for a connection.
   */
  writePool: Pool;
  allow: Allow;
  /** For every write. */
  checkOrigin: ReturnType<typeof createCheckOrigin>;
  /** Seals webhook secrets as ingest opens them. */
  sealer: Sealer;
  /** Makes pseudonyms of callers for facts. */
  pseudonymKey: Buffer;
  /** The default clinic's account to send messages with. */
  twilio: TwilioSettings;
  now(): number;
}
