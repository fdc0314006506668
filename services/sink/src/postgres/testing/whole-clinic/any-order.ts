import fc from 'fast-check';
import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import { endsAlike, isRecounted } from './ends.ts';
import { openWholeClinics, type WholeClinics } from './whole-clinic.ts';

/** Tests that a clinic ends alike whatever the order of its changes. @param numRuns clinics of each test; some 10 s each */
export function testAnyOrder(numRuns: number): void {
  // A failure names its seed; to look for a smaller one takes minutes.
  const runs = { numRuns, endOnFailure: true };
  const timeoutMs = 300_000 + numRuns * 60_000;
  let clinics: WholeClinics;

  describe('300 changes of 30 appointments, journeys, conversations and calls, with merges and unmerges among them', () => {
    beforeAll(async () => {
      clinics = await openWholeClinics(inject('engines').postgresAdmin);
    });
    afterAll(() => clinics.close());

    it(
      'end in the numbers of a plain recount, in any order and with any repetition',
      () => fc.assert(isRecounted(clinics), runs),
      timeoutMs,
    );

    it(
      'end in the same rows and numbers in another order and with other repetition',
      () => fc.assert(endsAlike(clinics), runs),
      timeoutMs,
    );
  });
}
