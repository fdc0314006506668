import { DateTime } from 'luxon';
import { countRequiredFields } from '../intents.ts';
import { callerSentiment } from '../sentiment.ts';
import { asksToConfirm, findBookingStatus, isUnavailable } from './booking-status.ts';
import { DialogueState } from './dialogue-state.ts';
import { aboutBirth } from './find-births.ts';
import { findIntent, isAgreement } from './find-intent.ts';
import { readAgentTurn, readCallerTurn } from './read-turn.ts';
import { rulesVersion } from './rules-version.ts';
import type { Extraction, ExtractionInput, Extractor, Found, SpokenTurn } from './types.ts';

/** What is read of a call: beyond it a transcript is no conversation, and the work stays bounded. */
const limits = { turns: 4_000, characters: 400_000, charactersOfTurn: 4_000 };

/** Reads calls by rules: patterns per turn, and a state that the last word decides. */
export const ruleExtractor: Extractor = { version: rulesVersion, extract };

function extract(input: ExtractionInput): Extraction {
  const turns = bounded(input.turns);
  const { intent, confidence } = findIntent(turns);
  const state = readTurns(turns, input);
  const sentiment = callerSentiment(turns);
  const entities = state.entities();
  const { required, filled } = countRequiredFields(
    intent,
    entities.map(({ name }) => name),
  );
  return {
    intent,
    intent_confidence: intent === null ? null : confidence,
    sentiment: sentiment.label,
    sentiment_score: sentiment.score,
    required_fields: required,
    filled_fields: filled,
    entities,
  };
}

function readTurns(turns: readonly SpokenTurn[], input: ExtractionInput): DialogueState {
  const local = DateTime.fromMillis(input.startedAt, { zone: input.timeZone });
  const day = (local.isValid ? local : local.setZone('utc')).toISODate();
  const today = DateTime.fromISO(day ?? '', { zone: 'utc' });
  const context = {
    longPast: today.minus({ years: 2 }).toISODate() ?? '',
    dates: {
      today,
      monthFirst: /^en-(us|ph)$/i.test(input.language ?? '') || input.region === 'US',
    },
    region: input.region ?? null,
    practitioners: input.practitioners ?? [],
  };
  const state = new DialogueState();
  let question = '';
  let asked = '';
  let agreed = false;
  for (const turn of turns) {
    if (turn.speaker === 'caller') {
      readCallerTurn(state, turn, question, context);
      if (refusesBooked(state, question, turn.text)) state.drop('outcome');
      agreed = asksToConfirm(question) && isAgreement(turn.text) && state.last('time')?.turn !== turn.index;
      question = '';
    } else {
      readAgentTurn(state, turn, context);
      const status =
        findBookingStatus(turn.text, state.last('outcome')?.normalised) ??
        (agreed ? implied(turn, state) : null);
      if (status) state.accept('outcome', turn.index, status);
      question = stillAsked(asked, state, turn.text);
      asked = question;
      agreed = false;
    }
  }
  return state;
}

/** A birth date that was asked for may come a turn later: "One moment." "Sure." */
function stillAsked(asked: string, state: DialogueState, text: string): string {
  const open = aboutBirth.test(asked) && !state.last('date_of_birth') && !text.includes('?');
  return open ? `${asked.slice(-200)} ${text}` : text;
}

/** An agent who was told to go ahead and does not object has booked, though the answer be about something else. */
function implied(turn: SpokenTurn, state: DialogueState): Found | null {
  const known = state.last('date') && state.last('time') && state.last('outcome')?.normalised !== 'booked';
  if (!known || isUnavailable(turn.text) || asksToConfirm(turn.text)) return null;
  const value = turn.text.trim().slice(0, 200);
  const start = turn.text.indexOf(value);
  return { start, end: start + value.length, value, normalised: 'booked', confidence: 0.4 };
}

/** The agent booked something other than what was wanted, and the caller does not take it. */
function refusesBooked(state: DialogueState, agent: string, caller: string): boolean {
  if (state.last('outcome')?.normalised !== 'booked' || !findBookingStatus(agent)) return false;
  return /\b(?:doesn'?t|does not|won'?t|will not|can'?t) (?:work|do|make|suit)\b|^\W{0,3}no,? (?:i|that|not|make|cancel)\b/i.test(
    caller,
  );
}

function bounded(turns: readonly SpokenTurn[]): SpokenTurn[] {
  let left = limits.characters;
  const kept: SpokenTurn[] = [];
  for (const { index, speaker, text } of turns.slice(0, limits.turns)) {
    if (left <= 0) break;
    const read = text.slice(0, Math.min(left, limits.charactersOfTurn));
    left -= read.length;
    kept.push({ index, speaker, text: read });
  }
  return kept;
}
