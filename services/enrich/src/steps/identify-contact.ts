import { normaliseName } from '@switchboard/domain/names';
import { readVendorContact } from '@switchboard/domain/vendor-contact';
import { startOf } from '@switchboard/domain/voice/call-times';
import type { Analysed, Identified } from '../events.ts';
import { forEach, ok, type Step } from '../pipeline/results.ts';

/**
 * Adds the patient's name and birth date: as the vendor's own extraction has them, else as they were said last; and of a
 * call with a withheld number the phone that was said last.
 */
export function createIdentifyContactStep(): Step<Analysed, Identified> {
  return async function identifyContact(analysed) {
    return forEach('identifyContact', analysed, (input) => {
      const vendor = readVendorContact(input.event.vendor_extraction?.entities, startOf(input.event));
      const said = (name: string) => input.analysis?.entities.findLast((entity) => entity.name === name);
      const name = said('patient_name') ?? said('relative_name');
      return ok({
        ...input,
        contactName: vendor.name ?? normaliseName(name?.normalised ?? name?.value),
        contactDateOfBirth: vendor.dateOfBirth ?? said('date_of_birth')?.normalised ?? null,
        saidPhone: input.contactPhone === null ? (said('phone')?.normalised ?? null) : null,
      });
    });
  };
}
