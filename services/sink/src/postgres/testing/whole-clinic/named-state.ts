import { pseudonymOf } from '@switchboard/domain/pseudonym';
import { most } from './changes.ts';
import { phoneOf } from './make-events.ts';
import type { Clinic, WholeClinics } from './whole-clinic.ts';

/** What others know a record by; ids are drawn anew for each clinic. */
const names = `
SELECT id, 'patient ' || coalesce(external_id, (SELECT string_agg(value, ' ' ORDER BY value) FROM patient_identifiers i
  WHERE i.tenant_id = $1 AND i.patient_id = p.id), '') AS name FROM patients p WHERE tenant_id = $1
UNION ALL SELECT id, 'practitioner ' || external_id FROM practitioners WHERE tenant_id = $1
UNION ALL SELECT id, 'department ' || name FROM departments WHERE tenant_id = $1
UNION ALL SELECT id, 'location ' || external_id FROM locations WHERE tenant_id = $1
UNION ALL SELECT id, 'type ' || external_id FROM appointment_types WHERE tenant_id = $1
UNION ALL SELECT id, 'appointment ' || coalesce(external_id, 'booked at ' || booked_at) FROM appointments WHERE tenant_id = $1
UNION ALL SELECT id, 'journey ' || external_id FROM journeys WHERE tenant_id = $1
UNION ALL SELECT s.id, 'step ' || s.external_id || ' of ' || j.external_id FROM journey_steps s
  JOIN journeys j ON j.tenant_id = $1 AND j.id = s.journey_id WHERE s.tenant_id = $1
UNION ALL SELECT id, 'call ' || external_id FROM voice_calls WHERE tenant_id = $1
UNION ALL SELECT k.id, 'conversation ' || coalesce(v.external_id, k.contact_phone) FROM conversations k
  LEFT JOIN voice_calls v ON v.tenant_id = $1 AND v.conversation_id = k.id WHERE k.tenant_id = $1
UNION ALL SELECT id, 'message ' || external_id FROM conversation_messages WHERE tenant_id = $1 AND external_id IS NOT NULL`;

/** Drawn anew, or the time of writing, or how many writes it took; what is known of a record is told by its columns. */
const drawn = ['tenant_id', 'created_at', 'updated_at', 'version', 'merge_state', 'confirmation_code'];
/**
 * Unread: what came before the desk wrote was read by then. Whose a record was: the same person, told before a merge or after.
 * A decision names who stood for the patient then; the record that it is of names who does now.
 */
const byOrder = ['unread', 'original_patient_id'];
const tables = [
  'patients',
  'patient_identifiers',
  'practitioners',
  'appointments',
  'journeys',
  'journey_steps',
  'conversations',
  'conversation_messages',
  'voice_calls',
  'voice_call_extractions',
  'match_decisions',
  'fact_current',
];

/** All rows and statements of a clinic, each as text with names for ids, sorted. */
export async function namedState(
  { rows, pseudonymKey }: WholeClinics,
  { tenant }: Clinic,
): Promise<string[]> {
  const known = new Map((await rows(names, tenant)).map(({ id, name }) => [String(id), String(name)]));
  for (let contact = 1; contact <= most.contacts; contact += 1)
    known.set(pseudonymOf(pseudonymKey, tenant.tenantId, phoneOf(contact)), phoneOf(contact));
  const all: string[] = [];
  const left = (table: string) => [
    ...drawn,
    ...byOrder,
    ...(table === 'match_decisions' ? ['patient_id', 'breakdown'] : []),
  ];
  for (const table of tables) {
    const columns = left(table)
      .map((column) => `'${column}'`)
      .join(', ');
    const found = await rows(
      `SELECT (to_jsonb(t) - ARRAY[${columns}])::text AS row FROM ${table} t WHERE tenant_id = $1${table === 'fact_current' ? ' AND statement IS NOT NULL' : ''}`,
      tenant,
    );
    for (const { row } of found)
      all.push(
        `${table} ${String(row).replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => known.get(id) ?? id)}`,
      );
  }
  return all.sort();
}
