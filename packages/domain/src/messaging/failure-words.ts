/** Why a message did not arrive, in words for who wrote it; codes are Twilio's and our own. */
const words = new Map(
  Object.entries({
    opted_out: 'The contact asked not to be written to.',
    twilio_not_configured: 'The clinic has no account to send with.',
    whatsapp_only: 'Messages go out by WhatsApp alone.',
    not_taken: 'Twilio did not take it, however often it was asked.',
    files_not_reachable: 'Twilio could not be told where the file is.',
    not_connected: 'Twilio could not be reached.',
    tls_failed: 'No safe connection to Twilio could be made.',
    no_answer: 'Twilio did not answer, so that nobody knows whether it was sent.',
    restored:
      'It waited when the backup was taken that is restored here, so that nobody knows whether it was sent.',
    20003: 'Twilio refused the clinic’s account. Its token may have changed.',
    20429: 'Too many messages were sent at once.',
    21211: 'The number is not valid.',
    21408: 'The clinic’s account may not send to this country.',
    21610: 'The contact asked not to be written to.',
    21614: 'The number cannot take messages.',
    21617: 'The text is too long.',
    21656: 'The template’s variables do not fit it.',
    30003: 'The phone is switched off or out of reach.',
    30005: 'The number is not known, or no longer in use.',
    30006: 'The number is a landline, or cannot be reached.',
    30007: 'The carrier took it for unwanted.',
    30008: 'The carrier does not say why.',
    63001: 'Twilio could not log in to WhatsApp for the clinic’s number.',
    63003: 'The number has no WhatsApp.',
    63005: 'WhatsApp does not accept what it says.',
    63007: 'The clinic’s number is not set up for WhatsApp.',
    63014: 'The contact blocked the clinic’s number.',
    63016: 'More than 24 hours had passed since the contact wrote. Send a template.',
    63018: 'Too many messages were sent at once.',
    63024: 'The number has no WhatsApp, or has not accepted its terms.',
    63027: 'The template is not there in this language.',
    63028: 'The template’s variables do not fit it.',
    63032: 'WhatsApp does not deliver such messages to this contact now.',
  }),
);

/** @returns undefined where there is nothing to say */
export function failureWords(status: string | null, code: string | null): string | undefined {
  const known = code === null ? undefined : words.get(code);
  if (status === 'unknown')
    return known ?? `Nobody knows whether it was sent${code === null ? '' : ` (${code})`}.`;
  if (status !== 'failed' && status !== 'undelivered') return undefined;
  if (code === null) return 'No reason was given.';
  return known ?? `Twilio’s code is ${code}.`;
}
