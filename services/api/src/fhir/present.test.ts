import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { readSlotId, toSlotId } from '../voice-tools/slot-id.ts';
import { ofFhirId, toFhirId } from './present.ts';

it('a slot’s id is one of FHIR’s, and leads back to the slot', () => {
  for (let n = 0; n < 200; n++) {
    const slot = { practitionerId: randomUUID(), typeId: randomUUID(), from: 1_764_550_800_000 };
    const id = toFhirId(toSlotId(slot));
    expect(id).toMatch(/^[A-Za-z0-9\-.]{1,64}$/);
    expect(readSlotId(ofFhirId(id))).toEqual(slot);
  }
});
