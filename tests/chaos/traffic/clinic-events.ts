import { randomClinicEvents } from '@switchboard/testkit/random-clinic-events';
import type { ClinicEventBody } from '@switchboard/testkit/simulate/clinic-event';
import { createRandom } from '@switchboard/testkit/simulate/random';
import { lives } from '../../records/naive-recount.ts';
import { goOn } from './go-on.ts';
import { insist } from './insist.ts';
import { compareRows, createFindings } from './list-findings.ts';
import type { Asked, World, Writer } from './world.ts';

const batchEveryMs = 1_000;
const eventsPerBatch = 12;
const dayMs = 86_400_000;

/** The clinic's own system: records' whole lives in any order, a tenth of them told twice. */
export function writeClinicEvents(world: World): Writer {
  const { running, seed, durationMs, stores, pace, ended, once = false } = world;
  const { demo } = running;
  const random = createRandom(seed + 10);
  const everyMs = batchEveryMs / pace;
  const batches = Math.ceil(durationMs / everyMs);
  const told = randomClinicEvents(seed + 10, {
    count: batches * eventsPerBatch,
    startAt: Date.now() - 120 * dayMs,
    days: 60,
  });
  const shuffled = random.shuffle([...told, ...told.filter(() => random.chance(once ? 0 : 0.1))]);
  const size = Math.ceil(shuffled.length / batches);
  const asked: Asked[] = [];
  const taken = new Set<string>();
  const refused: string[] = [];

  let posted = 0;

  async function post(batch: readonly ClinicEventBody[]): Promise<void> {
    if (batch.length === 0) return;
    const { status, body } = await postBatch(world, batch, asked);
    const results: unknown = Reflect.get(Object(body), 'results');
    for (const result of Array.isArray(results) ? results : []) {
      const id: unknown = Reflect.get(Object(result), 'event_id');
      if (typeof id === 'string') taken.add(id);
      else refused.push(`${status}`);
    }
  }

  async function check(): Promise<string[]> {
    const ends = lives(told);
    const wanted = (prefix: string) =>
      new Map(
        Object.entries(ends)
          .filter(([id]) => id.startsWith(prefix))
          .map(([id, { status }]) => [id, status]),
      );
    const rowsOf = async (table: string, says: string, prefix: string) => {
      const { rows } = await stores.postgres.query<{ key: string; says: string }>(
        `SELECT external_id AS key, ${says} AS says FROM ${table} WHERE tenant_id = $1 AND external_id LIKE $2`,
        [demo.tenant, `${prefix}%`],
      );
      return rows;
    };
    const prefixed = (letter: string) => `${letter}-${seed + 10}-`;
    const findings = createFindings();
    findings.list('events of the clinic that were refused', refused);
    const { rows: seen } = await stores.postgres.query<{ id: string }>(
      'SELECT event_id AS id FROM inbox WHERE tenant_id = $1 AND event_id = ANY ($2)',
      [demo.tenant, [...taken]],
    );
    const known = new Set(seen.map(({ id }) => id));
    findings.list(
      'events of the clinic that were taken and are not there',
      [...taken].filter((id) => !known.has(id)),
    );
    if (taken.size !== told.length)
      findings.lines.push(`events of the clinic taken: ${taken.size} of ${told.length}`);
    return [
      ...findings.lines,
      ...compareRows(
        'appointments',
        wanted(prefixed('A')),
        await rowsOf('appointments', 'status', prefixed('A')),
      ),
      ...compareRows('journeys', wanted(prefixed('J')), await rowsOf('journeys', 'status', prefixed('J'))),
      ...compareRows(
        'told messages',
        wanted(prefixed('M')),
        await rowsOf('conversation_messages', `'sent'`, prefixed('M')),
      ),
    ];
  }

  return {
    name: 'clinic events',
    asked,
    async run() {
      await goOn({ everyMs, forMs: durationMs, ended }, () => {
        posted += size;
        return post(shuffled.slice(posted - size, posted));
      });
      // Each life is told to its end.
      for (; posted < shuffled.length; posted += 200) await post(shuffled.slice(posted, posted + 200));
    },
    check,
    events: () => taken.size,
    notes: () => ({ events: told.length }),
  };
}

/** Posts one batch until it is taken. */
export function postBatch({ running }: World, batch: readonly ClinicEventBody[], asked: Asked[]) {
  const { demo } = running;
  const body = JSON.stringify(batch);
  return insist(`${demo.ingest}/api/v1/events`, {
    asked,
    init: () => ({
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents-batch+json', 'x-api-key': demo.api_key },
      body,
    }),
  });
}
