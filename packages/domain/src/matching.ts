import { type NameEvidence, nameEvidence } from './matching-names.ts';

/** What an event says of the person at the other end. Null: not said. */
export interface MatchContact {
  /** E.164. */
  phone: string | null;
  name: string | null;
  /** ISO date. */
  dob: string | null;
}

/** A patient record to compare with. */
export interface MatchPatient {
  id: string;
  /** E.164, all that are known. */
  phones: readonly string[];
  first: string | null;
  last: string | null;
  /** ISO date. */
  dob: string | null;
}

/** Log-odds that each field adds, base included; their sum is the logit of the score. No values of the record. */
export interface MatchBreakdown {
  base: number;
  phone: number;
  name: number;
  date_of_birth: number;
}

export interface MatchScore {
  /** 0 to 1, the probability of being the same person; 0.5 and more means link without asking. */
  score: number;
  breakdown: MatchBreakdown;
}

export interface ScoredPatient extends MatchScore {
  patientId: string;
}

export interface MatchThresholds {
  /** Score from which on to link without asking. */
  link: number;
  /** Score from which on a person should look. */
  review: number;
}

export type MatchDecision =
  | { kind: 'link'; patientId: string; score: number }
  | { kind: 'review'; candidates: ScoredPatient[] }
  | { kind: 'new' };

/** Names the weights below; stored beside each decision. */
export const matcherVersion = 'match-2026.11-2';

const defaultMatchThresholds: MatchThresholds = { link: 0.5, review: 0.2 };

/** How many times likelier the best must be than the next before it is linked without asking: e². */
const clearLead = 2;

/** Most candidates that a person is asked about, best first. */
const mostCandidates = 20;

/** Chance that a call from a phone that only one patient has is this patient's, when nothing else is known. */
const ownPhoneCertainty = 0.8;

/** Prior log-odds for a random pair out of a clinic's list of about 3,000. */
const base = -8;

/** A phone that hundreds share tells next to nothing, but never speaks against. */
const leastOfSamePhone = 0.1;

const weights = {
  phoneDiffers: -1.5,
  dobSame: 7,
  dobSameButOtherFirstName: 3,
  dobSameButCloseFirstName: 1.2,
  dobNear: 2,
  dobDiffers: -7,
  dobDiffersAndName: -9,
} as const;

/**
 * Fellegi-Sunter score of one patient against what is known of a contact: log-odds per field, added.
 *
 * @param sharing how many patients have the contact's phone; a family phone says less. At least 1.
 */
export function scoreCandidate(contact: MatchContact, patient: MatchPatient, sharing = 1): MatchScore {
  const name = nameEvidence(contact.name, patient, hasPhone(patient, contact.phone));
  const breakdown = {
    base,
    phone: round(phoneEvidence(contact, patient, Math.max(1, sharing))),
    name: round(name.weight),
    date_of_birth: dobEvidence(contact.dob, patient.dob, name),
  };
  const logit = breakdown.base + breakdown.phone + breakdown.name + breakdown.date_of_birth;
  return { score: round(1 / (1 + Math.exp(-logit))), breakdown };
}

/**
 * Scores all patients that may be meant, best first, equal scores by id, so that the order of `patients` changes
 * nothing. `patients` must hold every patient with the contact's phone: how many share it is counted here.
 */
export function scoreCandidates(contact: MatchContact, patients: readonly MatchPatient[]): ScoredPatient[] {
  const unique = [...new Map([...patients].sort(byContent).map((patient) => [patient.id, patient])).values()];
  const sharing = unique.filter((patient) => hasPhone(patient, contact.phone)).length;
  return unique
    .map((patient) => ({ patientId: patient.id, ...scoreCandidate(contact, patient, sharing) }))
    .sort(byScore);
}

/**
 * Link to the best when it is sure and clearly ahead of the next; ask a person when it is likely, when two are sure, or
 * when the phone is on file and the contact said nothing that tells its patients apart; else this is someone new.
 * Independent of the order of `scored`.
 */
export function decideMatch(
  scored: readonly ScoredPatient[],
  options: { thresholds?: MatchThresholds } = {},
): MatchDecision {
  const { link, review } = options.thresholds ?? defaultMatchThresholds;
  const candidates = bestPerPatient(scored).filter(
    (candidate) => candidate.score >= Math.min(link, review) || isKnownByPhoneAlone(candidate),
  );
  const [first, second] = candidates;
  if (!first) return { kind: 'new' };
  const rival =
    second !== undefined && second.score >= link && logit(first.score) - logit(second.score) < clearLead;
  if (first.score >= link && !rival) return { kind: 'link', patientId: first.patientId, score: first.score };
  return { kind: 'review', candidates: candidates.slice(0, mostCandidates) };
}

/** However many share a phone: a call from it is one of theirs until something speaks against it. */
function isKnownByPhoneAlone({ breakdown }: ScoredPatient): boolean {
  return breakdown.phone > 0 && breakdown.name === 0 && breakdown.date_of_birth === 0;
}

function phoneEvidence(contact: MatchContact, patient: MatchPatient, sharing: number): number {
  if (contact.phone === null || patient.phones.length === 0) return 0;
  if (!hasPhone(patient, contact.phone)) return weights.phoneDiffers;
  return Math.max(logit(ownPhoneCertainty / sharing) - base, leastOfSamePhone);
}

/**
 * Twins have one birth date, and names that are close: that is a question, never a link. And who differs in it is the
 * one on file only if the whole name says so.
 */
function dobEvidence(said: string | null, known: string | null, name: NameEvidence): number {
  if (!said || !known) return 0;
  if (said === known) {
    if (name.closeInFamily) return weights.dobSameButCloseFirstName;
    return name.otherFirstName ? weights.dobSameButOtherFirstName : weights.dobSame;
  }
  if (isSlipOf(said, known)) return name.otherFirstName ? 0 : weights.dobNear;
  return name.exact ? weights.dobDiffers : weights.dobDiffersAndName;
}

/** One digit wrong, two neighbours swapped, or day and month. */
function isSlipOf(left: string, right: string): boolean {
  const [year, month, day] = left.split('-');
  if (right === `${year}-${day}-${month}`) return true;
  if (left.length !== right.length) return false;
  const wrong = [...left].flatMap((digit, at) => (digit === right[at] ? [] : [at]));
  const [first = 0, second = 0] = wrong;
  if (wrong.length === 2)
    return second - first === 1 && left[first] === right[second] && left[second] === right[first];
  return wrong.length === 1;
}

function hasPhone(patient: MatchPatient, phone: string | null): boolean {
  return phone !== null && patient.phones.includes(phone);
}

function bestPerPatient(scored: readonly ScoredPatient[]): ScoredPatient[] {
  const seen = new Set<string>();
  return [...scored].sort(byScore).filter((candidate) => {
    const isNew = !seen.has(candidate.patientId);
    seen.add(candidate.patientId);
    return isNew;
  });
}

function byScore(left: ScoredPatient, right: ScoredPatient): number {
  return right.score - left.score || compare(left.patientId, right.patientId);
}

function byContent(left: MatchPatient, right: MatchPatient): number {
  return compare(left.id, right.id) || compare(JSON.stringify(left), JSON.stringify(right));
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function logit(probability: number): number {
  return Math.log(probability / (1 - probability));
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
