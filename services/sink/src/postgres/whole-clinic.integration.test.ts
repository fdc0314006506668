import fc from 'fast-check';
import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import { endsAlike, isRecounted } from './testing/whole-clinic/ends.ts';
import { openWholeClinics, type WholeClinics } from './testing/whole-clinic/whole-clinic.ts';

let clinics: WholeClinics;

beforeAll(async () => {
  clinics = await openWholeClinics(inject('engines').postgresAdmin);
});
afterAll(() => clinics.close());

// A failure names its seed; to look for a smaller one takes minutes.
const runs = { numRuns: 1, endOnFailure: true };

describe('300 changes of 30 appointments, journeys, conversations and calls, with merges and unmerges among them', () => {
  it('end in the numbers of a plain recount, in any order and with any repetition', async () => {
    await fc.assert(isRecounted(clinics), runs);
  }, 300_000);

  it('end in the same rows and numbers in another order and with other repetition', async () => {
    await fc.assert(endsAlike(clinics), runs);
  }, 300_000);
});
