import { goOn } from './go-on.ts';
import { type Decided, mayStand } from './last-words.ts';
import { compareRows, createFindings } from './list-findings.ts';
import { createStaff, refusal } from './staff.ts';
import type { Asked, World, Writer } from './world.ts';

const decideEveryMs = 1_000;
const waysOfReviews = ['link', 'new', 'reject'] as const;
const waysOfRequests = ['decline', 'fulfil', 'propose'] as const;

/** Staff who say whose a call is that is in doubt, and who see to what callers asked for and nobody could book. */
export function writeDecisions(world: World): Writer {
  const { running, seed, durationMs, stores, pace, ended } = world;
  const { tenant } = running.demo;
  const asked: Asked[] = [];
  const staff = createStaff(world, asked);
  /** How each may stand that was decided on. */
  const reviews = new Map<string, string[]>();
  const requests = new Map<string, string[]>();
  const begun = new Set<string>();
  const made = new Set<string>();
  const wrong: string[] = [];

  /** One that nobody decides on; none while Postgres is away. */
  async function next(sql: string): Promise<{ id: string; other: string } | undefined> {
    const found = await stores.postgres
      .query<{ id: string; other: string }>(sql, [tenant, [...begun]])
      .catch(() => undefined);
    const one = found?.rows[0];
    if (!one || begun.has(one.id)) return undefined;
    begun.add(one.id);
    return one;
  }

  async function decide(): Promise<void> {
    const review = await next(
      `SELECT id, candidates -> 0 ->> 'patient_id' AS other FROM match_reviews
       WHERE tenant_id = $1 AND state = 'open' AND entity_kind = 'voice_call' AND id <> ALL ($2) ORDER BY id LIMIT 1`,
    );
    if (!review) return;
    const number = reviews.size;
    const way = waysOfReviews[number % waysOfReviews.length] ?? 'reject';
    const name = `Decided${seed}n${number}`;
    const says = { link: `linked ${review.other}`, new: `new ${name}`, reject: 'rejected' }[way];
    reviews.set(review.id, []);
    if (way === 'new') made.add(name);
    const body = { link: { patient_id: review.other }, new: { first_name: name }, reject: undefined }[way];
    const answer = await staff.ask('POST', `/api/v1/match-reviews/${review.id}/${way}`, body);
    // What came later of the call may have told whose it is.
    reviews.set(review.id, standOf(`${way} review`, { ...answer, says }, 'obsolete'));
  }

  async function seeTo(): Promise<void> {
    const request = await next(
      `SELECT id, (SELECT id FROM appointments WHERE tenant_id = $1 AND status = 'scheduled' ORDER BY id LIMIT 1) AS other
       FROM booking_requests WHERE tenant_id = $1 AND state = 'open' AND taken_by IS NULL AND id <> ALL ($2) ORDER BY id LIMIT 1`,
    );
    if (!request) return;
    const step = (name: string, body?: unknown) =>
      staff.ask('POST', `/api/v1/booking-requests/${request.id}/${name}`, body);
    const taken = await step('take');
    // The call, or the clinic's system, told meanwhile that it is done or not wanted any more.
    if (taken.status === 409) return;
    if (taken.status !== 200) return void wrong.push(`take ${refusal(taken)}`);
    const way = waysOfRequests[requests.size % waysOfRequests.length] ?? 'decline';
    requests.set(request.id, []);
    const appointment = { appointment_id: request.other };
    if (way === 'propose') {
      const proposed = await step('propose', appointment);
      if (proposed.status !== 200) wrong.push(`propose ${refusal(proposed)}`);
    }
    const answer =
      way === 'decline' ? await step('decline') : await step('fulfil', way === 'fulfil' ? appointment : {});
    const says = way === 'decline' ? 'dismissed' : `fulfilled ${request.other}`;
    requests.set(request.id, standOf(`${way} request`, { ...answer, says }));
  }

  function standOf(what: string, answer: Decided & { body: unknown }, beaten?: string): string[] {
    if (answer.status !== 200 && answer.status !== 409) wrong.push(`${what} ${refusal(answer)}`);
    return mayStand(answer, beaten);
  }

  async function check(): Promise<string[]> {
    const rowsOf = async (sql: string, values: readonly unknown[]) =>
      (await stores.postgres.query<{ key: string; says: string }>(sql, [tenant, values])).rows;
    const decided = await rowsOf(
      `SELECT r.id AS key, concat_ws(' ', r.state, CASE r.state WHEN 'linked' THEN r.patient_id::text WHEN 'new' THEN p.first_name END) AS says
       FROM match_reviews r LEFT JOIN patients p ON p.tenant_id = $1 AND p.id = r.patient_id WHERE r.tenant_id = $1 AND r.id = ANY ($2)`,
      [...reviews.keys()],
    );
    const closed = await rowsOf(
      `SELECT id AS key, concat_ws(' ', state, CASE state WHEN 'fulfilled' THEN appointment_id END) AS says
       FROM booking_requests WHERE tenant_id = $1 AND id = ANY ($2)`,
      [...requests.keys()],
    );
    const others = await rowsOf(
      `SELECT r.id AS key, r.state AS says FROM match_reviews r JOIN voice_calls c ON c.tenant_id = $1 AND c.id = r.entity_id
       WHERE r.tenant_id = $1 AND r.id = ANY ($2) AND r.state IN ('linked', 'new') AND c.original_patient_id IS DISTINCT FROM r.patient_id`,
      [...reviews.keys()],
    );
    const again = await rowsOf(
      `SELECT coalesce(details ->> 'review_id', entity_id::text) AS key, count(*)::text AS says FROM audit_log
       WHERE tenant_id = $1 AND action IN ('match_review.link', 'match_review.new', 'match_review.reject', 'booking_request.fulfil', 'booking_request.decline')
         AND coalesce(details ->> 'review_id', entity_id::text) = ANY ($2) GROUP BY 1 HAVING count(*) > 1`,
      [...reviews.keys(), ...requests.keys()],
    );
    const doubled = await rowsOf(
      `SELECT first_name AS key, count(*)::text AS says FROM patients WHERE tenant_id = $1 AND first_name = ANY ($2)
       GROUP BY 1 HAVING count(*) > 1`,
      [...made],
    );
    const findings = createFindings();
    const list = (what: string, rows: readonly { key: string }[]) =>
      findings.list(
        what,
        rows.map(({ key }) => key),
      );
    findings.list('decisions that were refused', wrong);
    list('decisions that were taken twice', again);
    list('reviews whose call is of another patient', others);
    list('patients whom a decision made twice', doubled);
    return [
      ...findings.lines,
      ...compareRows('reviews', reviews, decided),
      ...compareRows('booking requests', requests, closed),
    ];
  }

  return {
    name: 'decisions',
    asked,
    run: () =>
      goOn({ everyMs: decideEveryMs / pace, forMs: durationMs, ended }, (index) =>
        index % 2 === 0 ? decide() : seeTo(),
      ),
    check,
    events: () => 0,
    notes: () => ({ reviews: reviews.size, requests: requests.size }),
  };
}
