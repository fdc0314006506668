import type { Intent } from '../intents.ts';
import { agentRules, callerRules, isEmergency, type Rule } from './intent-rules.ts';
import type { SpokenTurn } from './types.ts';

const questions: readonly Intent[] = [
  'ask_price',
  'ask_opening_hours',
  'ask_wait_time',
  'billing',
  'insurance',
  'test_results',
];
const offersBooking = /\b(?:book|schedule|reserve|make|set up|appointment)\b[^.!]{0,80}\?/i;
const asksDetails =
  /\b(?:what|which|when|at what)\b[^.!]{0,60}\b(?:time|date|day|book|schedule|appointment)\b[^.!]{0,60}\??/i;
const declinesBooking =
  /\b(?:don'?t|do not|not|no need to|won'?t|rather not)\b.{0,24}\b(?:book|schedule|make|reserve|an appointment)\b/i;
/** "I don't want to cancel, just confirm it." */
const declinesChange: readonly (readonly [Intent, RegExp])[] = [
  [
    'cancel_appointment',
    /\b(?:don'?t|do not|not|never|no need to|won'?t|rather not|without)\b[^.;!?,]{0,20}\bcancel/i,
  ],
  [
    'reschedule_appointment',
    /\b(?:don'?t|do not|not|never|no need to|won'?t|rather not|without)\b[^.;!?,]{0,20}\b(?:re-?schedul|move|change|shift|postpone)/i,
  ],
];
const agrees =
  /^\W{0,3}(?:oh |ok |okay |um |well |haan |great |perfect |wonderful |excellent |awesome )?[, ]{0,2}(?:yes|yeah|yep|yup|sure|ok|okay|please|sounds|that(?:'s| is| will|'ll| works| sounds| would)|go ahead|perfect|great|alright|definitely|of course|correct|right|absolutely|haan|ji|theek|let'?s|do it|i would|i'd|works)\b/i;
const refuses =
  /^\W{0,3}(?:no|nope|nah|not|don'?t|nahi|actually no|sorry)\b|\b(?:not (?:now|yet|right now|today|at the moment|necessary)|no,? thanks?|i'?ll (?:wait|think|call back|pass)|later|don'?t need)\b/i;

export interface IntentGuess {
  intent: Intent | null;
  confidence: number;
}

/** Intent of a whole call: the task that was worked on, not the question asked beside it; null when no caller spoke. */
export function findIntent(turns: readonly SpokenTurn[]): IntentGuess {
  const scores = new Map<Intent, number>();
  const add = (intent: Intent, weight: number) => scores.set(intent, (scores.get(intent) ?? 0) + weight);
  let callerTurns = 0;
  let before: SpokenTurn | undefined;
  for (const turn of turns) {
    const text = turn.text.slice(0, 1000);
    const isCaller = turn.speaker === 'caller';
    if (isCaller) callerTurns++;
    for (const [intent, weight] of matching(isCaller ? callerRules : agentRules, text)) {
      if (intent === 'reschedule_appointment' && isWithinBooking(scores)) continue;
      add(intent, isCaller && callerTurns <= 3 ? weight * 1.5 : weight);
    }
    if (isCaller && isEmergency(text)) add('emergency', callerTurns <= 3 ? 6 : 4);
    if (isCaller && before && acceptsBooking(before.text.slice(0, 1000), text)) add('book_appointment', 2);
    before = isCaller ? undefined : turn;
  }
  if (callerTurns === 0) return { intent: null, confidence: 0 };
  return decide(scores, turns);
}

/** Whether a caller agrees to what an agent has just proposed or asked. */
export function isAgreement(text: string): boolean {
  return agrees.test(text) && !refuses.test(text);
}

export function isRefusal(text: string): boolean {
  return refuses.test(text) && !/^\W{0,3}no (?:problem|worries|issue)/i.test(text);
}

/** Who changes what they are just booking has no earlier appointment to move. */
function isWithinBooking(scores: ReadonlyMap<Intent, number>): boolean {
  return (scores.get('book_appointment') ?? 0) >= 2 && !scores.has('reschedule_appointment');
}

/** Each intent at most once per turn, with its strongest rule. */
function matching(rules: readonly Rule[], text: string): Map<Intent, number> {
  const found = new Map<Intent, number>();
  for (const [intent, weight, pattern] of rules) {
    if ((found.get(intent) ?? 0) < weight && pattern.test(text)) found.set(intent, weight);
  }
  if (declinesBooking.test(text)) found.delete('book_appointment');
  for (const [intent, declines] of declinesChange) {
    if (!declines.test(text)) continue;
    found.delete(intent);
    if (/\bconfirm/i.test(text)) found.set('confirm_appointment', 3);
  }
  // "How much is a consultation with …" mentions a visit and asks for none.
  if ((found.get('book_appointment') ?? 0) <= 2 && questions.some((intent) => found.has(intent))) {
    found.delete('book_appointment');
  }
  return found;
}

function acceptsBooking(agent: string, caller: string): boolean {
  if (offersBooking.test(agent) && isAgreement(caller)) return true;
  return (
    asksDetails.test(agent) &&
    !refuses.test(caller) &&
    /\d|morning|afternoon|evening|day\b|noon|tomorrow/i.test(caller)
  );
}

function decide(scores: Map<Intent, number>, turns: readonly SpokenTurn[]): IntentGuess {
  const score = (intent: Intent) => scores.get(intent) ?? 0;
  const total = [...scores.values()].reduce((sum, value) => sum + value, 0);
  const pick = (intent: Intent) => ({ intent, confidence: confidenceOf(score(intent), total) });
  if (score('emergency') > 0) return pick('emergency');
  if (score('ask_doctor_instructions') >= 5) return pick('ask_doctor_instructions');
  if (
    score('reschedule_appointment') >= 3 &&
    score('reschedule_appointment') >= score('cancel_appointment') * 0.75
  )
    return pick('reschedule_appointment');
  if (score('cancel_appointment') >= 3 && score('cancel_appointment') >= score('book_appointment') * 0.6)
    return pick('cancel_appointment');
  if (score('confirm_appointment') >= 3 && score('book_appointment') <= 6) return pick('confirm_appointment');
  const best = [...scores].sort((a, b) => b[1] - a[1])[0];
  if (score('book_appointment') >= 2 && (best?.[1] ?? 0) <= score('book_appointment') * 2)
    return pick('book_appointment');
  if (best) return pick(best[0]);
  const greeted = turns.some(
    ({ speaker, text }) =>
      speaker === 'caller' && /\b(?:hello|hi|hey|namaste|good (?:morning|afternoon|evening))\b/i.test(text),
  );
  return greeted ? { intent: 'greeting', confidence: 0.4 } : { intent: 'other', confidence: 0.3 };
}

function confidenceOf(score: number, total: number): number {
  const strength = score / (score + 1.5);
  return Math.round(strength * (0.6 + 0.4 * (score / Math.max(total, 1))) * 1000) / 1000;
}
