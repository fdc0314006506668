import type { Identified, Scored } from '../events.ts';
import { ok, type Step } from '../pipeline/results.ts';
import { type ProposeCandidatesDeps, proposeCandidates } from './propose-candidates.ts';

/** Adds the patients this may be. */
export function createScoreCandidatesStep(deps: ProposeCandidatesDeps): Step<Identified, Scored> {
  return async function scorePatientCandidates(identified) {
    const candidates = await proposeCandidates(
      deps,
      identified.map(({ event, contactPhone, contactName: name, contactDateOfBirth: dob, saidPhone }) => ({
        tenantId: event.tenant_id,
        // A number that was only said finds candidates, and counts nothing for them: name and birth date must.
        phone: contactPhone ?? saidPhone,
        by: { phone: contactPhone, name, dob },
      })),
    );
    return identified.map((input, at) => ok({ ...input, candidates: candidates[at] ?? [] }));
  };
}
