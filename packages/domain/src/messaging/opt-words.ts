/**
 * What carriers and Twilio take for an end of messages, and what people write to a clinic for it. The whole text, no part.
 * Not `cancel` and `end`: here they mean an appointment, unless the vendor itself says otherwise.
 */
const out = new Set([
  ...['stop', 'stopall', 'stop all', 'unsubscribe', 'quit', 'optout', 'opt out', 'opt-out', 'revoke'],
  ...['band karo', 'band kare', 'bandh karo', 'rok do', 'roko', 'mat bhejo', 'message mat bhejo'],
  ...['बंद करो', 'बंद करें', 'बन्द करो', 'रोको', 'रोक दो', 'मत भेजो', 'संदेश मत भेजो'],
]);
const into = new Set([
  ...['start', 'unstop', 'subscribe', 'optin', 'opt in', 'opt-in', 'resume'],
  ...['shuru karo', 'chalu karo', 'शुरू करो', 'शुरू करें', 'चालू करो', 'चालू करें'],
]);

/**
 * Whether somebody asks to be written to no more, or again.
 *
 * @param told what the vendor itself makes of it (Twilio's `OptOutType`: `STOP`, `START`, `HELP`)
 */
export function optWordOf(text: string | null, told: string | null): 'out' | 'in' | null {
  if (told !== null && /^stop$/i.test(told)) return 'out';
  if (told !== null && /^start$/i.test(told)) return 'in';
  const word = (text ?? '')
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('\u{fe0f}', '')
    .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{M}\p{N}]+$/gu, '')
    .replace(/\s+/g, ' ');
  if (out.has(word)) return 'out';
  return into.has(word) ? 'in' : null;
}
