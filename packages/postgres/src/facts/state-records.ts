import { type Client, together } from '../pool.ts';
import { recordFacts } from '../record-facts.ts';
import type { ClinicRules } from './clinic-rules.ts';
import { madeBy, type Stated, type StatedKind, statedKinds } from './make-statements.ts';
import type { StateContext, ToState } from './touched.ts';

/**
 * States these records, and nothing beside them. A record that is gone states nothing any more. The caller holds the
 * tenant's lock. @returns how many statements changed
 */
export async function stateRecords(
  client: Client,
  context: StateContext,
  ids: ToState,
  rules: ClinicRules,
): Promise<number> {
  const wanted = statedKinds.filter(({ list }) => ids[list].size > 0);
  const changed = await together(
    ...wanted.map(async (kind) => {
      const asked = [...ids[kind.list]];
      const made = await kind.make(client, { ...context, rules }, asked);
      return record(client, context, rules, kind, withGone(kind, asked, made));
    }),
  );
  return changed.reduce((sum, count) => sum + count, 0);
}

function record(
  client: Client,
  { tenant, cause, causeOf, isLate }: StateContext,
  rules: ClinicRules,
  kind: StatedKind,
  stated: readonly Stated[],
): Promise<number> {
  return recordFacts(
    client,
    {
      tenantId: tenant.tenantId,
      shard: tenant.shard,
      statementVersion: kind.statementVersion,
      zone: madeBy(kind, rules),
      isLate,
    },
    stated.flatMap(({ id, statements }) =>
      Object.entries(statements).map(([basis, statement]) => ({
        kind: kind.kind,
        entityId: id,
        basis,
        statement,
        ...(causeOf?.(id) ?? cause),
      })),
    ),
  );
}

/** Adds what was asked for by its own id and is no more. Steps are asked for by their journey, and gone with none. */
function withGone(
  { kind, bases }: StatedKind,
  ids: readonly string[],
  made: readonly Stated[],
): readonly Stated[] {
  if (kind === 'journey_step' || made.length === ids.length) return made;
  const found = new Set(made.map(({ id }) => id));
  const statements = Object.fromEntries(bases.map((basis) => [basis, null]));
  return [...made, ...ids.filter((id) => !found.has(id)).map((id) => ({ id, statements }))];
}
