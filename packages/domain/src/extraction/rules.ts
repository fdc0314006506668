import { DateTime } from 'luxon';
import { countRequiredFields } from '../intents.ts';
import { callerSentiment } from '../sentiment.ts';
import { findBookingStatus } from './booking-status.ts';
import { DialogueState } from './dialogue-state.ts';
import { findIntent } from './find-intent.ts';
import { readAgentTurn, readCallerTurn } from './read-turn.ts';
import type { Extraction, ExtractionInput, Extractor, SpokenTurn } from './types.ts';

/** What is read of a call: beyond it a transcript is no conversation, and the work stays bounded. */
const limits = { turns: 4_000, characters: 400_000, charactersOfTurn: 4_000 };

/** Reads calls by rules: patterns per turn, and a state that the last word decides. */
export const ruleExtractor: Extractor = { version: 'rules-2026.11-1', extract };

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
  const context = {
    dates: {
      today: DateTime.fromISO(day ?? '', { zone: 'utc' }),
      monthFirst: /^en-(us|ph)$/i.test(input.language ?? '') || input.region === 'US',
    },
    region: input.region ?? null,
    practitioners: input.practitioners ?? [],
  };
  const state = new DialogueState();
  let question = '';
  for (const turn of turns) {
    if (turn.speaker === 'caller') {
      readCallerTurn(state, turn, question, context);
      question = '';
    } else {
      readAgentTurn(state, turn, context);
      const status = findBookingStatus(turn.text);
      if (status) state.accept('outcome', turn.index, status);
      question = turn.text;
    }
  }
  return state;
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
