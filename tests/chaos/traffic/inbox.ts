import { createRandom } from '@switchboard/testkit/simulate/random';
import { goOn, whenThere } from './go-on.ts';
import { createFindings } from './list-findings.ts';
import { createStaff, refusal } from './staff.ts';
import type { Asked, World, Writer } from './world.ts';

const changeEveryMs = 1_300;

/** Staff in the inbox: labels, states and notes of conversations. */
export function writeInbox(world: World): Writer {
  const { running, seed, durationMs, stores, pace, ended } = world;
  const { tenant } = running.demo;
  const random = createRandom(seed + 50);
  const asked: Asked[] = [];
  const staff = createStaff(world, asked);
  const notes = new Map<string, string>();
  const labelled = new Map<string, Set<string>>();
  const wrong: string[] = [];

  async function change(index: number): Promise<void> {
    const noted = random.chance(0.5);
    const at = random.next();
    const status = random.pick(['open', 'pending', 'resolved']);
    const conversation = await whenThere(async () => {
      const { rows } = await stores.postgres.query<{ id: string }>(
        `SELECT id FROM conversations WHERE tenant_id = $1 AND channel = 'whatsapp' ORDER BY id`,
        [tenant],
      );
      return rows[Math.floor(at * rows.length)]?.id;
    });
    const path = `/api/v1/conversations/${conversation}`;
    if (noted) {
      const text = `Note ${seed}-${index}`;
      const answer = await staff.ask('POST', `${path}/notes`, { text });
      if (answer.status === 201) notes.set(text, conversation);
      else wrong.push(`note ${refusal(answer)}`);
      return;
    }
    const label = `chaos-${index % 7}`;
    const answer = await staff.ask('PATCH', path, { labels: [label], status });
    if (answer.status !== 200) wrong.push(`change ${refusal(answer)}`);
    labelled.set(conversation, (labelled.get(conversation) ?? new Set()).add(label));
  }

  async function check(): Promise<string[]> {
    const findings = createFindings();
    findings.list('changes of the inbox that were refused', wrong);
    const { rows } = await stores.postgres.query<{ body: string; conversation: string }>(
      'SELECT body, conversation_id AS conversation FROM conversation_notes WHERE tenant_id = $1',
      [tenant],
    );
    const there = new Set(rows.map(({ body, conversation }) => `${body} ${conversation}`));
    // A note has no key: whose answer was lost is written again by whoever insists.
    findings.list(
      'notes that were taken and are not there',
      [...notes].filter(([text, id]) => !there.has(`${text} ${id}`)).map(([text]) => text),
    );
    const { rows: labels } = await stores.postgres.query<{ id: string; labels: string[] }>(
      'SELECT id, labels FROM conversations WHERE tenant_id = $1 AND id = ANY ($2)',
      [tenant, [...labelled.keys()]],
    );
    findings.list(
      'conversations with labels that nobody gave',
      labels
        .filter((row) => row.labels.length !== 1 || !labelled.get(row.id)?.has(row.labels[0] ?? ''))
        .map(({ id }) => id),
    );
    return findings.lines;
  }

  return {
    name: 'inbox',
    asked,
    run: () => goOn({ everyMs: changeEveryMs / pace, forMs: durationMs, ended }, change),
    check,
    events: () => 0,
    notes: () => ({ notes: notes.size, conversations: labelled.size }),
  };
}
