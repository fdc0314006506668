import { uuidV7 } from '@switchboard/domain/ids';
import { type Client, lockTenant, withTenant } from '@switchboard/postgres';
import { type ClinicRules, loadClinicRules } from '@switchboard/postgres/facts/clinic-rules';
import { madeBy, type StatedKind, statedKinds } from '@switchboard/postgres/facts/make-statements';
import { takeStalePage } from '@switchboard/postgres/facts/stale-owners';
import { stateRecords } from '@switchboard/postgres/facts/state-records';
import { type StateContext, stateTouched } from '@switchboard/postgres/facts/state-touched';
import {
  findOlderStatements,
  findUnstated,
  sweptRecords,
  type UnstatedPage,
} from '@switchboard/postgres/pipeline/older-statements';
import type { ToldPlace } from '@switchboard/postgres/records/named-patients';
import { loadTenantSettings } from '@switchboard/postgres/tenants';
import { noteSome } from './records/note-named.ts';
import type { WriteOptions } from './write-events.ts';

/** Statements in one transaction: the tenant's lock is held for tens of milliseconds. */
const perTransaction = 40;

/** Records looked at together. */
const perLook = 2_000;

/** Appointments or journeys in one transaction, each with several statements. */
const ownedPerTransaction = 20;

/**
 * States a clinic's records again where older rules stated them, or in another zone or by other business hours than are
 * the clinic's now. Events of the clinic come in between. @returns how many records were stated, by kind of fact
 */
export async function restateOlder(
  options: WriteOptions,
  tenantId: string,
  signal: AbortSignal,
): Promise<number> {
  let all = 0;
  for (const kind of statedKinds) {
    for (let found = perTransaction; found === perTransaction && !signal.aborted; ) {
      const part = await forTenant(options, tenantId, noneFound, (client, context, rules) =>
        restateSome(client, context, rules, kind),
      );
      all += part.records;
      found = part.statements;
    }
  }
  return all;
}

async function restateSome(
  client: Client,
  context: StateContext,
  rules: ClinicRules,
  kind: StatedKind,
): Promise<typeof noneFound> {
  const today = { kind: kind.kind, statementVersion: kind.statementVersion, zone: madeBy(kind, rules) };
  const { ids, statements } = await findOlderStatements(
    client,
    context.tenant.tenantId,
    today,
    perTransaction,
  );
  await stateRecords(client, context, { ...nothing(), [kind.list]: ids }, rules);
  return { records: ids.size, statements };
}

/**
 * States the many records of a practitioner of another department, or of a type with another fee. How far it came is
 * committed with each page. @returns how many records were stated
 */
export async function restateOwned(
  options: WriteOptions,
  tenantId: string,
  signal: AbortSignal,
): Promise<number> {
  let all = 0;
  for (let left = true; left && !signal.aborted; ) {
    const stated = await forTenant(options, tenantId, undefined, async (client, context, rules) => {
      const page = await takeStalePage(client, tenantId, ownedPerTransaction);
      if (page)
        await stateRecords(client, context, { ...nothing(), [page.records]: new Set(page.ids) }, rules);
      return page?.ids.length;
    });
    all += stated ?? 0;
    left = stated !== undefined;
  }
  return all;
}

const noneFound = { records: 0, statements: 0 };

/**
 * States a clinic's records of which nothing was ever stated, since they were written before their kind was, or by an
 * older release beside this one. @returns how many there were
 */
export async function stateUnstated(
  options: WriteOptions,
  tenantId: string,
  signal: AbortSignal,
): Promise<number> {
  let all = 0;
  for (const list of sweptRecords) {
    let after: string | null = null;
    do {
      // Nearly all are stated: whoever only looks keeps nobody waiting.
      const { ids, next }: UnstatedPage = await withTenant(options.pool, tenantId, (client) =>
        findUnstated(client, tenantId, list, after, perLook),
      );
      for (let at = 0; at < ids.length && !signal.aborted; at += perTransaction) {
        const some = ids.slice(at, at + perTransaction);
        all += await forTenant(options, tenantId, 0, async (client, context) => {
          await stateTouched(client, context, { [list]: some });
          return some.length;
        });
      }
      after = next;
    } while (after !== null && !signal.aborted);
  }
  return all;
}

/** Lets messages that an older release stored note whom they name, and that people sent them. @returns how many did not */
export async function noteOlder(
  options: WriteOptions,
  tenantId: string,
  signal: AbortSignal,
): Promise<number> {
  let all = 0;
  let after: ToldPlace | null = null;
  do {
    const part: { noted: number; next: ToldPlace | null } = await forTenant(
      options,
      tenantId,
      { noted: 0, next: null },
      async (client, context) => {
        const { touched, ...found } = await noteSome(client, tenantId, after, perTransaction);
        await stateTouched(client, context, touched);
        return found;
      },
    );
    all += part.noted;
    after = part.next;
  } while (after !== null && !signal.aborted);
  return all;
}

const nothing = () => ({
  calls: new Set<string>(),
  conversations: new Set<string>(),
  messages: new Set<string>(),
  appointments: new Set<string>(),
  journeys: new Set<string>(),
});

/** Works in a transaction that holds the tenant's lock; a tenant that is gone has nothing to state. */
function forTenant<T>(
  { pool, pseudonymKey, now }: WriteOptions,
  tenantId: string,
  otherwise: T,
  work: (client: Client, context: StateContext, rules: ClinicRules) => Promise<T>,
): Promise<T> {
  return withTenant(pool, tenantId, async (client) => {
    await lockTenant(client, tenantId);
    const tenant = (await loadTenantSettings(client, [tenantId])).get(tenantId);
    if (!tenant) return otherwise;
    // No event is the cause: one id names this transaction.
    const cause = { eventId: uuidV7(now()), traceparent: null };
    return work(client, { tenant, pseudonymKey, cause }, await loadClinicRules(client, tenant));
  });
}
