import { createRandom } from '@switchboard/testkit/simulate/random';
import { goOn, whenThere } from './go-on.ts';
import { afterTaken, saidBy, type Word } from './last-words.ts';
import { compareRows, createFindings } from './list-findings.ts';
import { createStaff, refusal } from './staff.ts';
import type { Asked, World, Writer } from './world.ts';

const changeEveryMs = 1_300;

/** How a conversation is to stand. */
interface Standing extends Word {
  label: string;
  /** What the answer says that it was then. */
  version: number;
}

/**
 * How each conversation may stand: as somebody said last or, where a message has changed it since, open.
 * @param versions of each now
 */
export function standings(
  words: ReadonlyMap<string, readonly Standing[]>,
  versions: ReadonlyMap<string, number>,
): Map<string, string[]> {
  const stand = saidBy(words);
  for (const [id, all] of words) {
    const now = versions.get(id) ?? 0;
    const before = all.filter(({ version }) => version < now);
    stand.get(id)?.push(...before.map(({ label }) => `open ${label}`));
  }
  return stand;
}

/** Staff in the inbox: labels, states and notes of conversations. */
export function writeInbox(world: World): Writer {
  const { running, seed, durationMs, stores, pace, ended } = world;
  const { tenant } = running.demo;
  const random = createRandom(seed + 50);
  const asked: Asked[] = [];
  const staff = createStaff(world, asked);
  const notes = new Map<string, string>();
  const words = new Map<string, Standing[]>();
  const turns = new Map<string, Promise<void>>();
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
    // One at a time, so that one of them is the last.
    const turn = (turns.get(conversation) ?? Promise.resolve()).then(() =>
      stand(conversation, label, status),
    );
    turns.set(conversation, turn);
    await turn;
  }

  async function stand(conversation: string, label: string, status: string): Promise<void> {
    const path = `/api/v1/conversations/${conversation}`;
    const answer = await staff.ask('PATCH', path, { labels: [label], status });
    // Nothing is refused that names no version.
    if (answer.status !== 200) wrong.push(`change ${refusal(answer)}`);
    const version = Number(Reflect.get(Object(answer.body), 'version'));
    const word = { says: `${status} ${label}`, label, version, tries: answer.tries };
    words.set(conversation, afterTaken(words.get(conversation) ?? [], word));
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
    const { rows: stand } = await stores.postgres.query<{ key: string; says: string; version: number }>(
      `SELECT id AS key, state || ' ' || array_to_string(labels, ',') AS says, version FROM conversations
       WHERE tenant_id = $1 AND id = ANY ($2)`,
      [tenant, [...words.keys()]],
    );
    const mayStand = standings(words, new Map(stand.map(({ key, version }) => [key, version])));
    return [...findings.lines, ...compareRows('changes of conversations', mayStand, stand)];
  }

  return {
    name: 'inbox',
    asked,
    run: () => goOn({ everyMs: changeEveryMs / pace, forMs: durationMs, ended }, change),
    check,
    events: () => 0,
    notes: () => ({ notes: notes.size, conversations: words.size }),
  };
}
