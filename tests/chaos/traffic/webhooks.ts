import { startWebhookReceiver, type WebhookReceiver } from '@switchboard/testkit/webhook-receiver';
import { goOn, whenThere } from './go-on.ts';
import { textIn } from './insist.ts';
import { createFindings } from './list-findings.ts';
import { createStaff } from './staff.ts';
import type { Asked, World, Writer } from './world.ts';

/** The clinic's own system, which is told of each appointment: at least once, under the same id. */
export function receiveWebhooks(world: World): Writer {
  const { running, stores, durationMs, ended, outside } = world;
  const { tenant } = running.demo;
  const asked: Asked[] = [];
  const staff = createStaff(world, asked);
  let receiver: WebhookReceiver | undefined;

  async function openDeliveries(): Promise<number | undefined> {
    const { rows } = await stores.postgres.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM webhook_deliveries WHERE tenant_id = $1 AND state = 'pending'`,
      [tenant],
    );
    return rows[0]?.n;
  }

  return {
    name: 'webhooks out',
    asked,
    async run() {
      // Its signatures are looked at in the tests of webhooks; here it counts.
      receiver = await startWebhookReceiver({ secret: `whsec_${Buffer.alloc(24).toString('base64')}` });
      outside.add(receiver);
      const { body, status } = await staff.ask('POST', '/api/v1/webhook-endpoints', { url: receiver.url });
      if (textIn(body, 'id') === '') throw new Error(`the endpoint was not made: ${status}`);
      await goOn({ everyMs: 1_000, forMs: durationMs, ended }, async () => undefined);
    },
    async settle() {
      await whenThere(async () => ((await openDeliveries()) === 0 ? true : undefined));
    },
    async check() {
      const findings = createFindings();
      const { rows } = await stores.postgres.query<{ id: string; state: string }>(
        'SELECT id, state FROM webhook_deliveries WHERE tenant_id = $1',
        [tenant],
      );
      const received = new Set(receiver?.received.map(({ id }) => id));
      const unsent = rows.filter(({ id, state }) => state !== 'delivered' || !received.has(id));
      findings.list(
        'webhooks that never came',
        unsent.map(({ id, state }) => `${id} ${state}`),
      );
      const known = new Set(rows.map(({ id }) => id));
      findings.list(
        'webhooks that nobody sent',
        [...received].filter((id) => !known.has(id)),
      );
      await receiver?.close();
      return findings.lines;
    },
    events: () => 0,
    notes: () => {
      const received = receiver?.received.map(({ id }) => id) ?? [];
      return { received: new Set(received).size, again: received.length - new Set(received).size };
    },
  };
}
