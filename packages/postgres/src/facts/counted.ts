/**
 * What the facts count, as SQL over an alias. A row that is not counted states nothing, and says nothing of others.
 * The expressions are those of the indexes, letter by letter; CASE, since row-level security keeps coalesce's bounds from an index.
 */

/** When an appointment was made: as was said, or else when we heard of it first, and no later than it began. */
export const madeAt = (appointment: string) =>
  `(CASE WHEN ${appointment}.booked_at IS NULL THEN least(${appointment}.created_at, ${appointment}.starts_at) ELSE ${appointment}.booked_at END)`;

/** When a conversation began: with its call or first message; one in which nothing was said, with its row. */
export const beganAt = (conversation: string) =>
  `(CASE WHEN ${conversation}.began_at IS NULL THEN ${conversation}.created_at ELSE ${conversation}.began_at END)`;

/** Neither a slot that is only held, nor one known by a reference alone, nor one entered in error. */
export const isCounted = (appointment: string) =>
  `(${appointment}.status <> 'held' AND NOT ${appointment}.placeholder AND NOT ${appointment}.entered_in_error)`;

/** The patient is one made to try the system out. A scalar: of an EXISTS the planner may make a hash of all patients. */
export const isTest = (record: string) =>
  `coalesce((SELECT t.test_data FROM patients t WHERE t.tenant_id = $1 AND t.id = ${record}.patient_id), false)`;

/** The patient came. */
export const hasCome = (appointment: string) => `${appointment}.status IN ('checked_in', 'completed')`;

/** When an appointment came to nothing; only for one that did. */
export const lostAt = (appointment: string) =>
  `CASE ${appointment}.status WHEN 'cancelled' THEN coalesce(${appointment}.cancelled_at, ${appointment}.starts_at) ELSE ${appointment}.starts_at END`;

/** Two appointments ask for the same time. What takes longer than a day, a stay, keeps no slot. */
export const overlaps = (one: string, other: string) =>
  `(${one}.starts_at < ${other}.ends_at AND ${one}.ends_at > ${other}.starts_at
    AND ${one}.starts_at > ${other}.starts_at - interval '24 hours'
    AND ${one}.ends_at <= ${one}.starts_at + interval '24 hours' AND ${other}.ends_at <= ${other}.starts_at + interval '24 hours')`;

/** What answers somebody: not what is sent by itself, such as a reminder, nor what never arrived. */
export const isAnswer = (message: string) =>
  `(${message}.direction = 'outbound' AND ${message}.sender_kind IN ('user', 'assistant')
    AND coalesce(${message}.status, '') NOT IN ('failed', 'undelivered') AND NOT ${message}.entered_in_error)`;

/** What somebody wrote to the clinic. */
export const isInbound = (message: string) =>
  `(${message}.direction = 'inbound' AND NOT ${message}.entered_in_error)`;

/** What somebody wrote to the clinic and waits for an answer to: a reaction asks for none. */
export const asksAnswer = (message: string) => `(${isInbound(message)} AND ${message}.kind <> 'reaction')`;

/** Sent by a template that the clinic calls a reminder. */
export const isReminder = (message: string) =>
  `(${message}.direction = 'outbound' AND coalesce(${message}.template ILIKE '%reminder%', false) AND NOT ${message}.entered_in_error)`;

/** Dots, exclamation marks and spaces, those beyond ASCII one by one: which of them a class of a pattern has is the locale's. */
const around = String.raw`.! \t\n\f\r\u000b\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff`;

/** The words by which carriers take an opt-out. */
export const saysStop = (message: string) =>
  `upper(btrim(left(${message}.body, 40), E'${around}')) IN ('STOP', 'STOPALL', 'STOP ALL', 'UNSUBSCRIBE', 'OPTOUT', 'OPT OUT')`;
