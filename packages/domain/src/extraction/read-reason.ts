import type { DialogueState } from './dialogue-state.ts';
import { allMatches } from './patterns.ts';
import type { SpokenTurn } from './types.ts';

const asksReason =
  /\b(?:symptoms?|reason for|what(?:'s| is) (?:this|it) (?:regarding|about|for)|what seems|what(?:'s| is) (?:the )?(?:problem|issue|concern|wrong|bothering)|describe)\b/i;
const askedFor = /\b(?:medicine|tablet|tablets|prescription|refill)\b/i;
const medication =
  /\b(?:refill(?: of| for| on)?|prescription (?:of|for)|renew|out of|some more|more) (?:my |the |some |a )?([a-z][a-z-]{3,30})\b/gi;
const symptoms =
  /\b(?:i (?:have|am having|'ve got|have got|got|feel|am feeling|'ve been having)|i'?ve (?:got|had|been having)|suffering from|because of|due to|regarding|mujhe) (?:a |an |some |this |the |my )?([a-z][a-z ,'-]{3,80})/i;
const illness =
  /\b(?:pain|ache|fever|cough|cold|rash|allerg\w+|itch\w*|swelling|headache|toothache|back|throat|nose|sneez\w+|vomit\w*|nausea|dizz\w+|sugar|diabetes|pressure|infection|injury|bleeding|tired\w*|anxi\w+|depress\w+|check-?up|follow-?up|vaccin\w+|cleaning|filling|root canal|bukhar|dard|khansi)\b/i;

/** Puts why a caller calls, and the medicine they ask for, into the state. */
export function takeReason(state: DialogueState, turn: SpokenTurn, question: string): void {
  const { text, index } = turn;
  if (askedFor.test(text)) {
    for (const match of allMatches(text, medication)) {
      const value = match[1] ?? '';
      if (
        /^(?:prescription|medicine|medication|tablets?|pills|them|this|that|from|last|with|please)$/i.test(
          value,
        )
      )
        continue;
      const start = match.index + match[0].length - value.length;
      state.accept('medication', index, {
        start,
        end: start + value.length,
        value,
        normalised: value.toLowerCase(),
        confidence: 0.6,
      });
    }
  }
  const said = symptoms.exec(text);
  const value = said?.[1]?.trim() ?? '';
  if (said && illness.test(value)) {
    const start = said.index + said[0].length - (said[1]?.length ?? 0);
    state.accept('reason', index, {
      start,
      end: start + value.length,
      value,
      normalised: null,
      confidence: 0.7,
    });
  } else if (asksReason.test(question) && illness.test(text)) {
    const whole = text.trim().slice(0, 200);
    const start = text.indexOf(whole);
    state.accept('reason', index, {
      start,
      end: start + whole.length,
      value: whole,
      normalised: null,
      confidence: 0.6,
    });
  }
}
