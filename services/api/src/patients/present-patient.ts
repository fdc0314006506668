import { isIdentifier } from '@switchboard/domain/facts/statement-parts';
import type { PatientDetailRow } from '@switchboard/postgres/api/patient-detail';
import type { PatientListRow } from '@switchboard/postgres/api/patient-list';
import type { TimelineRow } from '@switchboard/postgres/api/patient-timeline';
import type { Reader } from '../calls/present-call.ts';
import { toCursor } from '../paging/cursor.ts';
import type { PatientDetailBody, PatientListItem, TimelineItem } from './patient-schema.ts';

/** For those alone who see PHI: a list of patients is nothing else. */
export function presentPatientListItem(row: PatientListRow): PatientListItem {
  return { ...row, created_at: row.created_at.toISOString() };
}

/** @param timeline one row more than `limit` where there is a next page */
export function presentPatient(
  row: PatientDetailRow,
  timeline: readonly TimelineRow[],
  limit: number,
  { seesPhi }: Reader,
): PatientDetailBody {
  const shown = (value: string | null) => (seesPhi ? value : null);
  const page = timeline.slice(0, limit);
  const last = page.at(-1);
  return {
    id: row.id,
    status: row.status === 'merged' ? 'merged' : 'active',
    merged_into: row.merged_into,
    first_name: shown(row.first_name),
    last_name: shown(row.last_name),
    date_of_birth: shown(row.date_of_birth),
    language: row.language,
    origin: row.origin,
    source: row.source,
    external_id: shown(row.external_id),
    placeholder: row.placeholder,
    test_data: row.test_data,
    identifiers: seesPhi ? row.identifiers : null,
    merged: row.merged.map(({ first_name, last_name, merged_at, ...merged }) => ({
      ...merged,
      merged_at: new Date(merged_at).toISOString(),
      first_name: shown(first_name),
      last_name: shown(last_name),
    })),
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    timeline: {
      items: page.map((item) => presentTimelineItem(item, seesPhi)),
      next_cursor: timeline.length > limit && last ? toCursor({ at: last.place, id: last.id }) : null,
    },
  };
}

function presentTimelineItem({ place: _, ...row }: TimelineRow, seesPhi: boolean): TimelineItem {
  return {
    ...row,
    at: row.at.toISOString(),
    ends_at: row.ends_at?.toISOString() ?? null,
    // A kind of journey may be in words, which may name somebody.
    title:
      seesPhi || row.kind !== 'journey' || (row.title !== null && isIdentifier(row.title)) ? row.title : null,
    text: seesPhi ? row.text : null,
  };
}
