import { addDays, laterOf } from '@switchboard/domain/periods/local-date';
import { localDateAt } from '@switchboard/domain/periods/zone';
import { readWhen } from '@switchboard/domain/scheduling/read-when';
import { inField, type Meant, whomMeant } from '@switchboard/domain/scheduling/whom-meant';
import { findFreeSlots } from '@switchboard/postgres/scheduling/find-slots';
import type { DirectoryPractitioner } from '@switchboard/postgres/voice-tools/directory';
import { presentSlot, saidSlot, type ToolContext, type ToolResult } from './tool-context.ts';
import type { SlotsBody } from './tool-schema.ts';
import { visitOf } from './wanted-slot.ts';

/** How many a voice reads out at most. */
const readOut = 3;
/** How far behind the days that were asked for others are looked for. */
const furtherDays = 21;

/** Free slots of whom and when a caller asks for; the next ones where then there are none, or nobody knows when is meant. */
export async function availableSlots(context: ToolContext, body: SlotsBody): Promise<ToolResult> {
  const { client, tenant, directory, lines, now } = context;
  const { people: chosen, byName } = choosePractitioners(directory.practitioners, body);
  if (chosen.length === 0) {
    const names = directory.practitioners.slice(0, readOut).map(({ name }) => name);
    return {
      ok: false,
      code: 'PRACTITIONER_UNKNOWN',
      spoken: lines.unknownPractitioner(names),
      more: { slots: [] },
    };
  }
  if (byName && chosen.length > 1 && chosen.length <= readOut) {
    const spoken = lines.whichPractitioner(chosen.map(({ name }) => name));
    const practitioners = chosen.map(({ id, name }) => ({ id, name }));
    return { ok: false, code: 'PRACTITIONER_AMBIGUOUS', spoken, more: { slots: [], practitioners } };
  }
  const today = localDateAt(now, tenant.timeZone);
  const when = readWhen(
    { dateFrom: body.date_from, dateTo: body.date_to, timeOfDay: body.time_of_day },
    today,
    tenant.country === 'US',
  );
  const { visit, notice } = visitOf(context, body.appointment_type);
  const search = {
    practitionerIds: chosen.map(({ id }) => id),
    locationId: body.location_id,
    visit,
    others: body.appointment_type === undefined ? context.types : undefined,
    limit: body.limit ?? readOut,
    now,
    zone: tenant.timeZone,
  };
  const asked = await findFreeSlots(client, tenant.tenantId, { ...search, ...when });
  const found =
    asked.length > 0
      ? asked
      : await findFreeSlots(client, tenant.tenantId, {
          ...search,
          from: laterOf(when.from, today),
          to: addDays(laterOf(when.to, today), furtherDays),
        });
  const slots = found.map((slot) => presentSlot(context, slot, slot.visit, body.location_id));
  const said = found.slice(0, readOut).map((slot) => saidSlot(context, slot));
  const isAsAsked = asked.length > 0 && when.isClear;
  const told = isAsAsked ? lines.slots : when.isClear ? lines.otherSlots : lines.slotsAnyway;
  const spoken = `${notice}${said.length === 0 ? lines.noSlots : told(said)}`;
  return { ok: true, code: 'OK', spoken, more: { slots, as_asked: isAsAsked } };
}

/** Whoever is asked for by id, name, department or specialty; everybody where nobody is. */
function choosePractitioners(
  practitioners: readonly DirectoryPractitioner[],
  { practitioner_id: id, practitioner, department }: SlotsBody,
): Meant<DirectoryPractitioner> {
  if (id !== undefined) return { people: practitioners.filter((one) => one.id === id), byName: false };
  const inDepartment = department === undefined ? [...practitioners] : inField(department, practitioners);
  return practitioner === undefined
    ? { people: inDepartment, byName: false }
    : whomMeant(practitioner, inDepartment);
}
