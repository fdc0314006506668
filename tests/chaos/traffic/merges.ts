import { createClinicEventWriter } from '@switchboard/testkit/simulate/clinic-event';
import { createRandom } from '@switchboard/testkit/simulate/random';
import { postBatch } from './clinic-events.ts';
import { goOn, whenThere } from './go-on.ts';
import { compareRows, createFindings } from './list-findings.ts';
import { createStaff, refusal } from './staff.ts';
import { phoneOf } from './whatsapp.ts';
import type { Asked, World, Writer } from './world.ts';

const mergeEveryMs = 1_500;
const pairs = 10;

/** Staff who say that two patients are one, and take it back, while both write and are written of. */
export function writeMerges(world: World): Writer {
  const { running, seed, durationMs, stores, pace, ended } = world;
  const { tenant } = running.demo;
  const random = createRandom(seed + 60);
  const asked: Asked[] = [];
  const staff = createStaff(world, asked);
  const name = `m${seed}-${Date.now().toString(36)}`;
  const { write } = createClinicEventWriter(name, 'Asia/Kolkata');
  const externalId = (index: number) => `P-${name}-${index}`;
  const merged = new Map<number, boolean>();
  const turns = new Map<number, Promise<void>>();
  const wrong: string[] = [];
  let ids = new Map<string, string>();
  let changes = 0;

  async function makePatients(): Promise<void> {
    const events = Array.from({ length: pairs * 2 }, (_, index) =>
      write('patient.created', externalId(index), Date.now() - 60_000, {
        first_name: `Pair${name}`,
        last_name: `Number${index}`,
        date_of_birth: `19${60 + index}-04-12`,
        phones: [phoneOf(index)],
      }),
    );
    await postBatch(world, events, asked);
    ids = await whenThere(async () => {
      const { rows } = await stores.postgres.query<{ id: string; external_id: string }>(
        'SELECT id, external_id FROM patients WHERE tenant_id = $1 AND external_id = ANY ($2)',
        [tenant, events.map(({ subject }) => subject)],
      );
      return rows.length === events.length
        ? new Map(rows.map((row) => [row.external_id, row.id]))
        : undefined;
    });
  }

  /** A pair is merged when it is not, and the other way round; one at a time. */
  async function toggle(pair: number): Promise<void> {
    const survivor = ids.get(externalId(pair * 2));
    const absorbed = ids.get(externalId(pair * 2 + 1));
    const way = merged.get(pair) ? 'unmerge' : 'merge';
    const answer = await staff.ask('POST', `/api/v1/patients/${survivor}/${way}`, { patient_id: absorbed });
    // What was done although its answer was lost is refused when it is asked again.
    if (answer.status !== 200 && !(answer.tries > 1 && answer.status === 409))
      wrong.push(`${way} ${refusal(answer)}`);
    merged.set(pair, way === 'merge');
    changes += 1;
  }

  async function check(): Promise<string[]> {
    const wanted = new Map<string, string>();
    for (const [pair, isMerged] of merged)
      wanted.set(
        ids.get(externalId(pair * 2 + 1)) ?? '',
        isMerged ? (ids.get(externalId(pair * 2)) ?? '') : 'nobody',
      );
    const { rows } = await stores.postgres.query<{ key: string; says: string }>(
      `SELECT id AS key, coalesce(merged_into::text, 'nobody') AS says FROM patients WHERE tenant_id = $1 AND id = ANY ($2)`,
      [tenant, [...wanted.keys()]],
    );
    const findings = createFindings();
    findings.list('merges that were refused', wrong);
    return [...findings.lines, ...compareRows('absorbed patients', wanted, rows)];
  }

  return {
    name: 'merges',
    asked,
    async run() {
      await makePatients();
      await goOn({ everyMs: mergeEveryMs / pace, forMs: durationMs, ended }, () => {
        const pair = random.between(0, pairs - 1);
        const turn = (turns.get(pair) ?? Promise.resolve()).then(() => toggle(pair));
        turns.set(pair, turn);
        return turn;
      });
    },
    check,
    events: () => pairs * 2,
    notes: () => ({ pairs: merged.size, changes }),
  };
}
