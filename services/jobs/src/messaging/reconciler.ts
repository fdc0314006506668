import type { Metrics } from '@switchboard/platform';
import { type Rounds, type RoundsOptions, startRounds } from '@switchboard/platform/rounds';
import { withTenant } from '@switchboard/postgres';
import {
  claimListing,
  dueListings,
  finishListing,
  numbersSince,
} from '@switchboard/postgres/messaging/vendor-listings';
import { type AccountOptions, openAccount } from './accounts.ts';
import {
  type Filled,
  fillPeriod,
  hasGap,
  noneFilled,
  type ReconcileOptions,
  settleTold,
} from './reconcile.ts';
import { rememberTold } from './told-lately.ts';

export interface ReconcilerOptions
  extends Omit<ReconcileOptions, 'told'>,
    AccountOptions,
    Pick<RoundsOptions, 'failures'> {
  metrics: Metrics;
  /** How often it is looked whether the newest messages are known, ms. */
  lookMs: number;
  /** How often all is compared, ms; also when a process starts, and when a newest message is not known. */
  wholeMs: number;
  /** How long before the last whole comparison it begins: statuses come late, ms. */
  overlapMs: number;
  /** Webhooks may take so long, ms. */
  settleMs: number;
}

const name = 'reconciler';
const everyMs = 5_000;
/** For all pages of a clinic; who takes longer may be joined by another, which does no harm. */
const leaseMs = 120_000;
/** What was told and is still not known then is told once more, in case its event was lost, too. */
const toldMs = 3_600_000;
/** Of all clinics; more than these are told again sooner, which does no harm. */
const mostTold = 50_000;

/** Fills in what Twilio's webhooks left out, clinic by clinic, until it is stopped. */
export function startReconciler(options: ReconcilerOptions): Rounds {
  const { pool, logger, failures, metrics, now, onStep } = options;
  const filled = metrics.counter(
    'switchboard_webhooks_filled_in_total',
    'What webhooks of Twilio left out and a comparison with its list found: messages, statuses, sends of which nobody knew, and what can’t be told.',
    ['kind'],
  );
  // An alert counts on the increase of one: a series that begins at 1 has none.
  for (const [kind, none] of Object.entries(noneFilled)) filled.inc({ kind }, none);
  const { TWILIO_ACCOUNT_SID, DEFAULT_TENANT_ID } = options.settings;
  const defaultTenant = (TWILIO_ACCOUNT_SID && DEFAULT_TENANT_ID) ?? null;
  const seen = new Set<string>();
  const reconciling = { ...options, told: rememberTold({ now, forMs: toldMs, most: mostTold }) };

  async function serve(tenantId: string, signal: AbortSignal): Promise<void> {
    const turn = await withTenant(pool, tenantId, async (client) => {
      const claimed = await claimListing(client, tenantId, leaseMs);
      if (!claimed) return undefined;
      const account = await openAccount(client, tenantId, options);
      return { claimed, account, since: await numbersSince(client, tenantId) };
    });
    if (!turn) return;
    const { claimed, account, since } = turn;
    const until = new Date(now() - options.settleMs);
    const from = new Date(claimed.listedUntil.getTime() - options.overlapMs);
    const period = { from, until, numbersSince: since };
    await settleTold(reconciling, tenantId, period.from);
    // Whoever starts does not know how long nobody was there.
    const isFirst = !seen.has(tenantId);
    const isWhole =
      account !== undefined &&
      (claimed.isWholeDue || isFirst || (await hasGap(reconciling, tenantId, account, period)));
    if (isWhole) tell(tenantId, await fillPeriod(reconciling, tenantId, account, period, signal));
    await onStep?.('listing-filled');
    // The claim runs out, and whoever comes next begins anew.
    if (signal.aborted) return;
    seen.add(tenantId);
    const whole = isWhole ? { until, nextAt: new Date(now() + options.wholeMs) } : undefined;
    await withTenant(pool, tenantId, (client) =>
      finishListing(client, tenantId, { nextAt: new Date(now() + options.lookMs), whole }),
    );
  }

  function tell(tenantId: string, counts: Filled): void {
    for (const [kind, count] of Object.entries(counts)) filled.inc({ kind }, count);
    const sum = Object.values(counts).reduce((all, count) => all + count, 0);
    if (sum > 0) logger.info({ tenant_id: tenantId, ...counts }, 'filled in what webhooks left out');
  }

  async function round(signal: AbortSignal): Promise<boolean> {
    for (const tenantId of await dueListings(pool, defaultTenant)) {
      if (signal.aborted) return false;
      try {
        await serve(tenantId, signal);
      } catch (error) {
        // The claim runs out, and it comes again; other clinics are not held up.
        failures.inc({ job: name });
        logger.warn({ job: name, tenant_id: tenantId, error }, 'Twilio’s messages were not compared');
      }
    }
    return false;
  }

  return startRounds({ name, everyMs, work: round, logger, failures });
}
