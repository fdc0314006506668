import { deadLetterReasons, isDeadLetterReason } from '@switchboard/domain/dead-letter-reasons';
import type { Whereabouts } from './look-for-event.ts';
import type { Told } from './tell.ts';

/** Whether the event was found; `unclear`: not, but not every place could be asked. */
export type Verdict = 'found' | 'nowhere' | 'unclear';

/** What became of an event, in lines for a person. Ids, codes, times and numbers alone. */
export function describeWhereabouts(found: Whereabouts): { verdict: Verdict; lines: string[] } {
  const known = [...setAside(found), ...waiting(found), ...taken(found), ...stated(found)];
  const silent = [
    ...silentOf('Postgres', found.postgres),
    ...silentOf('Postgres (blocks)', found.blocks),
    ...silentOf('ClickHouse', found.clickhouse),
    ...(found.kafka ? silentOf('Kafka', found.kafka) : []),
  ];
  if (known.length > 0) return { verdict: 'found', lines: [...known, ...silent] };
  if (silent.length > 0)
    return {
      verdict: 'unclear',
      lines: ['It was not found, but not all could be asked.', ...silent, ...unlooked(found)],
    };
  const left = unlooked(found);
  if (left.length > 0)
    return {
      verdict: 'unclear',
      lines: ['Nothing has taken it or set it aside: if ingest accepted it, it waits in Kafka.', ...left],
    };
  return {
    verdict: 'nowhere',
    lines: [
      'No event of this id is waiting, taken or set aside.',
      'It never came, was removed with age, or is known by the id that older rules of enrichment gave it.',
    ],
  };
}

function setAside({ postgres }: Whereabouts): string[] {
  if (!('said' in postgres)) return [];
  return postgres.said.dead_letters.map(({ id, stage, reason, detail, attempts, state, last_at: at }) => {
    const why = isDeadLetterReason(reason) ? ` ${deadLetterReasons[reason]}` : '';
    const more = detail === null ? '' : ` (${detail})`;
    return `Dead letter ${id}, ${state}: set aside at ${stage}, ${at}, after ${attempts} attempts: ${reason}${more}.${why}`;
  });
}

function waiting({ kafka }: Whereabouts): string[] {
  const record = kafka && 'said' in kafka ? kafka.said.found : null;
  if (!record) return [];
  const { topic, partition, offset, group, behind, timestamp } = record;
  const since = new Date(timestamp).toISOString();
  return [
    `Waiting in ${topic}, partition ${partition}, offset ${offset}, since ${since}: ${behind} messages before it that ${group} has not finished.`,
  ];
}

function taken({ postgres }: Whereabouts): string[] {
  if (!('said' in postgres)) return [];
  return postgres.said.taken.map(
    ({ tenant_id: tenant, at }) =>
      `Taken: its effect on the records of clinic ${tenant} was committed ${at}.`,
  );
}

function stated({ postgres, blocks, clickhouse }: Whereabouts): string[] {
  const lines: string[] = [];
  const outbox = 'said' in postgres ? postgres.said.outbox : [];
  if (outbox[0])
    lines.push(
      `${outbox.length} of its facts wait in the outbox since ${outbox[0].at}, in no block yet: ${entitiesOf(outbox.map((row) => [row.kind, row.entity_id]))}.`,
    );
  const inClickHouse = 'said' in clickhouse ? clickhouse.said : [];
  for (const block of 'said' in blocks ? blocks.said : []) {
    const isThere = inClickHouse.some(
      (facts) => facts.kind === block.kind && facts.block === String(block.number),
    );
    const state = block.state === 'done' ? `done ${block.doneAt?.toISOString()}` : 'not done yet';
    const seen =
      'said' in clickhouse ? (isThere ? ', and ClickHouse holds it' : ', ClickHouse does not hold it') : '';
    lines.push(`Block ${block.number} of shard ${block.shard} (${block.kind}) is ${state}${seen}.`);
  }
  if (inClickHouse.length > 0) {
    const numbers = [...new Set(inClickHouse.map(({ block }) => block))].join(', ');
    lines.push(
      `ClickHouse has its facts, of block ${numbers}: ${entitiesOf(inClickHouse.map((row) => [row.kind, row.entityId]))}.`,
    );
  }
  const all = 'said' in postgres && 'said' in blocks && 'said' in clickhouse;
  if (all && lines.length === 0 && postgres.said.taken.length > 0)
    lines.push(
      'It changed no number: it repeated or came after what was known, or its facts were stated anew since (a rebuild keeps only what counts).',
      'Unless this is the id that enrichment gave it: facts name the one that ingest answered with; ask for that.',
    );
  return lines;
}

function entitiesOf(pairs: readonly (readonly [kind: string, id: string])[]): string {
  return [...new Set(pairs.map(([kind, id]) => `${kind} ${id}`))].join(', ');
}

function silentOf(place: string, told: Told<unknown>): string[] {
  return 'silent' in told ? [`${place} was not looked at: ${told.silent}.`] : [];
}

/** What waits, of which the event may be. */
function unlooked({ kafka }: Whereabouts): string[] {
  if (!kafka || !('said' in kafka) || kafka.said.found !== null || kafka.said.complete) return [];
  const { looked, unlooked: rest, backlogs } = kafka.said;
  return [
    ...backlogs.map(
      ({ topic, group, messages, oldest }) =>
        `${group} has not finished ${messages} messages of ${topic}${oldest === null ? '' : `, the oldest of ${new Date(oldest).toISOString()}`}.`,
    ),
    `${looked} of them were looked at, and ${rest} not, for want of time: --at with the time of ingest's answer looks at those of then first, --wait goes on for longer.`,
  ];
}
