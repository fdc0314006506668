import type { Intent } from '../intents.ts';
import { allMatches } from './patterns.ts';

/** Weight and pattern of an intent. */
export type Rule = readonly [Intent, number, RegExp];

const visit =
  '(?:appointments?|appt|appointment|bookings?|visit|slot|consultation|check-?up|session|reservation)';

/** What can't wait; {@link isEmergency} tells it from what is denied or long over. */
const emergency =
  /\b(?:chest pain|can(?:no|')t breathe(?! through)|not breathing|unconscious|heart attack|having a stroke|bleeding (?:a lot|heavily|badly)|overdose|suicid\w+|ambulance|it'?s an emergency|medical emergency|collapsed)\b/gi;
const denied =
  /\b(?:no|not|without|never|nor|(?:do|does|did|is|has)(?:n'?t| not)(?: (?:have|having|feel|get|had))?|not (?:have|having))(?: (?:any|an?|the|more|real|actual|such|severe|had))* $/i;
const had = /\b(?:had|after|history of|survived|previous|past|old)\b[^.;!?]{0,15}$/i;
const over =
  /^[^.;!?]{0,20}\b(?:last (?:year|month)|(?:years?|months?|weeks?) ago|in (?:19|20)\d\d|years? back|back then|before|haha|of work)\b/i;

/** Whether a caller reports an emergency that is now. */
export function isEmergency(text: string): boolean {
  return allMatches(text, emergency).some((match) => {
    const before = text.slice(Math.max(0, match.index - 45), match.index);
    const behind = text.slice(match.index + match[0].length, match.index + match[0].length + 40);
    return (
      !denied.test(before) &&
      !over.test(behind) &&
      !(had.test(before) && /\b(?:follow-?up|follow up|check-?up|review)\b/i.test(text))
    );
  });
}

/** What callers say; weight 2 is explicit, 1 a hint. Every gap is bounded, so a search is linear. */
export const callerRules: readonly Rule[] = [
  ['reschedule_appointment', 3, /\bre-?schedul\w*|\bre-?book(?:ing)?\b/i],
  [
    'reschedule_appointment',
    3,
    new RegExp(
      `\\b(?:move|change|shift|postpone|prepone|push|bring forward|swap|delay)\\b.{0,40}\\b(?:my|the|our|an?|this|that|his|her) (?:\\w+ ){0,2}${visit}`,
      'i',
    ),
  ],
  [
    'reschedule_appointment',
    2,
    /\b(?:move|shift|postpone|push|prepone) it (?:to|by|until)\b|\bappointment (?:ko )?(?:aage|badal|change)\b/i,
  ],
  [
    'cancel_appointment',
    3,
    new RegExp(`\\bcancel(?:l?ing)?\\b.{0,30}\\b(?:${visit}|it|that|please)|${visit} (?:ko )?cancel`, 'i'),
  ],
  [
    'cancel_appointment',
    2,
    /\b(?:want|need|like|have|going) to cancel\b|\bcan(?:no|')t (?:make it|come)\b|\bwon'?t be able to (?:make|come)\b/i,
  ],
  [
    'confirm_appointment',
    3,
    new RegExp(
      `\\b(?:confirm(?:ing)?|check(?:ing)?|verify) (?:on |about |if |that )?(?:my|the|our|i have)\\b.{0,30}${visit}|\\bis my ${visit}\\b|\\bwhen is my ${visit}|\\bdo i have an? ${visit}`,
      'i',
    ),
  ],
  [
    'book_appointment',
    3,
    new RegExp(`\\b(?:book|schedule|make|set up|arrange|fix|reserve)\\b.{0,50}\\b${visit}`, 'i'),
  ],
  [
    'book_appointment',
    2,
    new RegExp(
      `\\b(?:need|want|like|get|have|take|looking for|see if)\\b.{0,40}\\b${visit}\\b|${visit} (?:chahiye|lena|leni|milega|book|please|with|for|on|at)\\b`,
      'i',
    ),
  ],
  [
    'book_appointment',
    2,
    /\b(?:book|schedule|reserve|squeeze) (?:me|us|it|that|one|this|him|her|a|an|with|for|at|the)\b|\bgo ahead and book\b|\bplease (?:book|schedule)\b/i,
  ],
  // Whom they name, or a day or time beside it: not "find me a doctor".
  [
    'book_appointment',
    2,
    /\b(?:[Ss]ee|[Vv]isit|[Mm]eet|[Cc]onsult)\b.{0,10}\b(?:[Dd]r|[Dd]octor)\b\.? \p{Lu}/u,
  ],
  [
    'book_appointment',
    2,
    /\b(?:see|visit|meet|consult)\b.{0,10}\b(?:dr|doctor)\b.{0,40}\b(?:today|tonight|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day|next week|this (?:week|morning|afternoon|evening)|at \d|\d ?[ap]\.?m)\b/i,
  ],
  [
    'book_appointment',
    1,
    /\b(?:see|visit|meet|come (?:in )?(?:to|for))\b.{0,15}\b(?:dr|doctor|dentist|specialist|the clinic)\b|\bdikhana\b/i,
  ],
  [
    'prescription_refill',
    3,
    /\b(?:refill|renew)\w*\b|\b(?:prescription|medicine|medication|tablets?) (?:is |are )?(?:running out|finished|over|refill|again|renewed)|\bran out of\b|\bdawai (?:khatam|chahiye)\b/i,
  ],
  [
    'test_results',
    3,
    /\b(?:test|lab|blood|scan|biopsy|x-?ray|mri|thyroid|urine)\b.{0,25}\b(?:results?|reports?)\b|\b(?:results?|reports?) (?:of|for|from|ready|come|back)\b|\breport (?:aa|mil)\w*/i,
  ],
  [
    'ask_doctor_instructions',
    3,
    /\b(?:instructions?|directions)\b|\bwhat (?:did|was) (?:the |my )?(?:doctor|dr)\b.{0,30}\b(?:say|tell|told|said|suggest\w*)|\bhow (?:often|many times|should i|do i) (?:should i )?(?:take|taking|use)\b|\b(?:forgot|remember|lost|unsure|not sure|confused)\b.{0,40}\b(?:medicines?|meds|medications?|pills?|what (?:the |my )?(?:dr|doctor))\b/i,
  ],
  ['insurance', 2, /\b(?:insurance|insured|mediclaim|cashless|tpa|co-?pay|in[ -]network|coverage)\b/i],
  [
    'billing',
    2,
    /\b(?:bill|billing|billed|invoice|receipt|refund|overcharged|charged (?:me|twice)|payment)\b/i,
  ],
  [
    'ask_price',
    2,
    /\b(?:how much (?:is|does|do|would|for|will)|what(?:'s| is| are) the (?:price|cost|fee|fees|charge|charges)|consultation fees?|charges? for|kitna|kitne (?:paise|ka)|fees? kya)\b/i,
  ],
  [
    'ask_opening_hours',
    2,
    /\b(?:opening hours|what time do you (?:open|close)|when (?:do|are) you (?:open|close)|are you open|open (?:on|today|tomorrow|till|until)|clinic (?:hours|timings?|timing)|what (?:are|is) (?:your|the) (?:hours|timings?)|kab (?:khulta|khulti|band))\b/i,
  ],
  [
    'ask_location',
    1,
    /\b(?:where (?:are you|is the clinic|is your clinic)|(?:what(?:'s| is) )?your address|how (?:do|can) i (?:get|reach) (?:there|you)|directions to the clinic|parking|kahan (?:hai|par))\b/i,
  ],
  [
    'ask_wait_time',
    2,
    /\b(?:how long (?:is the wait|will i|do i have to wait)|wait(?:ing)? time|running late|queue)\b/i,
  ],
  [
    'medical_records',
    2,
    /\b(?:medical (?:records?|certificate|history)|fitness certificate|sick note|copy of my (?:records?|file))\b/i,
  ],
  [
    'talk_to_human',
    2,
    /\b(?:speak|talk|connect|transfer|put)\b.{0,25}\b(?:human|person|someone|somebody|agent|representative|receptionist|manager|operator|staff|reception|front desk)\b|\breal person\b|\bkisi se baat\b/i,
  ],
  [
    'report_problem',
    2,
    /\b(?:complain(?:t|ing)?|not happy|unacceptable|terrible (?:service|experience)|nobody (?:called|answered|picks)|no one (?:called|answered|picks)|very (?:rude|disappointed)|side effects?|wrong (?:medicine|bill|report))\b/i,
  ],
  [
    'find_provider',
    2,
    /\b(?:find|looking for|search(?:ing)?|recommend|suggest|need|want|know of|see)\b.{0,40}\b(?:doctors?|dentists?|specialists?|therapists?|physician|psychologists?|psychiatrists?|salons?|stylists?|(?:orthop)?a?edic\w*|p(?:a)?ediatric\w*|surgeons?|\w{4,16}ologists?|gyna?ecologists?|practitioner|counsel\w*|clinic|hospital|barber|hair)\b/i,
  ],
  [
    'find_provider',
    1,
    /\b(?:which|what|any) (?:doctors?|dentists?|specialists?|therapists?|\w{4,16}ologists?|p?a?ediatric\w*|orthop\w*|physicians?|surgeons?)\b|\bis dr\.? \w{2,20} (?:in|available|there)\b/i,
  ],
];

export const agentRules: readonly Rule[] = [
  [
    'book_appointment',
    2,
    /\b(?:has been|have been|is|are|you(?:'re| are)|i(?:'ve| have)|we(?:'ve| have)|got you|all)\b.{0,25}\b(?:booked|scheduled)\b/i,
  ],
  ['reschedule_appointment', 3, /\b(?:re-?scheduled|moved)\b/i],
  ['cancel_appointment', 3, /\b(?:has been|have been|is|i(?:'ve| have)) (?:now )?cancell?ed\b/i],
  ['ask_doctor_instructions', 5, /\byour instructions (?:are|were)\b/i],
];
