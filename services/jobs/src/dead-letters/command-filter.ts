import {
  deadLetterReasons,
  deadLetterStages,
  deadLetterStates,
} from '@switchboard/domain/dead-letter-reasons';
import { addDays, isLocalDate } from '@switchboard/domain/periods/local-date';
import { startOfDay } from '@switchboard/domain/periods/zone';
import { SwitchboardError } from '@switchboard/platform';
import type { DeadLetterCount } from '@switchboard/postgres/pipeline/dead-letter-tenants';
import type { DeadLetterFilter } from '@switchboard/postgres/pipeline/find-dead-letters';
import { z } from 'zod';

/** What a command was told of which letters it means. */
export interface FilterOptions {
  all: boolean;
  id?: string;
  /** A slug, a clinic's id, or `none`. */
  tenant?: string;
  state?: string;
  stage?: string;
  'reason-code'?: string;
  topic?: string;
  source?: string;
  from?: string;
  to?: string;
  pseudonym?: string;
  /** Whose originals were not searched for phones. */
  unsearched?: boolean;
}

const time = z.union([z.string().refine(isLocalDate), z.iso.datetime({ offset: true })]);
const parts = z.object({
  id: z.guid({ error: '--id takes the id of a dead letter' }).optional(),
  state: z.enum(deadLetterStates, { error: `--state takes ${deadLetterStates.join(', ')}` }).optional(),
  stage: z.enum(deadLetterStages, { error: `--stage takes ${deadLetterStages.join(', ')}` }).optional(),
  'reason-code': z
    .string()
    .refine((code) => Object.hasOwn(deadLetterReasons, code), {
      error: `--reason-code takes ${Object.keys(deadLetterReasons).join(', ')}`,
    })
    .optional(),
  topic: z.string().optional(),
  source: z.string().optional(),
  from: time.optional(),
  to: time.optional(),
  pseudonym: z.guid({ error: '--pseudonym takes the pseudonym of a phone' }).optional(),
  unsearched: z.boolean().optional(),
});

/**
 * @param zone in which dates are days, the last of them included, as over HTTP: the clinic's, an IANA name
 * @throws SwitchboardError `usage`
 */
export function commandFilter(options: FilterOptions, zone: string): DeadLetterFilter {
  const parsed = parts.safeParse(options);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const said = issue?.message.startsWith('--') ? issue.message : undefined;
    throw new SwitchboardError('usage', said ?? '--from and --to take a date or a time with offset');
  }
  const { id, state, stage, topic, source, from, to, pseudonym, ...more } = parsed.data;
  const { unsearched, 'reason-code': reason } = more;
  return {
    id,
    states: state && [state],
    stages: stage && [stage],
    reasons: reason === undefined ? undefined : [reason],
    topics: topic === undefined ? undefined : [topic],
    source,
    from: from === undefined ? undefined : instantOf(from, zone, 0),
    to: to === undefined ? undefined : instantOf(to, zone, 1),
    people: pseudonym === undefined ? undefined : [pseudonym],
    searched: unsearched ? false : undefined,
  };
}

/** Of a date the beginning in the zone, or that of a later day. */
function instantOf(text: string, zone: string, daysAfter: 0 | 1): Date {
  return new Date(isLocalDate(text) ? startOfDay(addDays(text, daysAfter), zone) : Date.parse(text));
}

/** What says which letters are meant; a state alone does not. */
const names = ['tenant', ...Object.keys(parts.omit({ state: true }).shape)];

/** What changes letters wants to be told which. @throws SwitchboardError `usage` */
export function requireFilter({ all, ...options }: FilterOptions): void {
  const named = new Map(Object.entries(options));
  if (!all && names.every((name) => named.get(name) === undefined))
    throw new SwitchboardError('usage', 'say which are meant, e.g. --reason-code row_refused, or --all');
}

/**
 * The clinics meant, of those that have dead letters; null: letters of none.
 * @throws SwitchboardError `tenant_unknown`
 */
export function meantTenants(
  counts: readonly DeadLetterCount[],
  wanted: string | undefined,
): (string | null)[] {
  const known = new Map(counts.map(({ tenantId, slug }) => [tenantId, slug]));
  const meant = [...known].filter(
    ([tenantId, slug]) =>
      wanted === undefined ||
      (wanted === 'none' ? tenantId === null : wanted === slug || wanted === tenantId),
  );
  if (wanted !== undefined && meant.length === 0)
    throw new SwitchboardError(
      'tenant_unknown',
      `--tenant ${wanted} has no dead letters: it takes the slug or id of a clinic that has some, or none`,
    );
  return meant.map(([tenantId]) => tenantId);
}
