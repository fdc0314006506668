import { createSealer, type Sealer } from '@switchboard/platform';
import { countDeadLetters, resealSome } from '@switchboard/postgres/pipeline/dead-letter-tenants';
import { resealSecrets } from '@switchboard/postgres/tenancy/sealed-secrets';
import { meantTenants } from './command-filter.ts';
import type { CommandWork } from './command-work.ts';
import { inTenant } from './in-tenant.ts';

/** Seals with the present key all that an older one sealed: dead letters and clinics' secrets. Recordings see to themselves. */
export async function reseal({ pool, config, print }: CommandWork): Promise<number> {
  const current = createSealer(config.SECRETS_KEY);
  const any = createSealer(config.SECRETS_KEY, config.SECRETS_OLD_KEYS);
  let lost = 0;
  const anew = (sealed: Buffer) => {
    if (opens(current, sealed)) return null;
    if (opens(any, sealed)) return current.seal(any.open(sealed));
    lost += 1;
    return null;
  };
  const secrets = await resealSecrets(pool, anew);
  let letters = 0;
  for (const tenantId of meantTenants(await countDeadLetters(pool), undefined)) {
    for (let after: string | null = '00000000-0000-0000-0000-000000000000'; after !== null; ) {
      const from: string = after;
      const page = await inTenant(pool, tenantId, (client) => resealSome(client, tenantId, from, anew));
      letters += page.resealed;
      after = page.last;
    }
  }
  print(
    `${letters} dead letters and ${secrets} secrets sealed anew, ${lost} that no key of the settings opens`,
  );
  return lost > 0 ? 1 : 0;
}

function opens(sealer: Pick<Sealer, 'open'>, sealed: Buffer): boolean {
  try {
    sealer.open(sealed);
    return true;
  } catch {
    return false;
  }
}
