import { toE164 } from '@switchboard/domain/phone';
import { pseudonymOf } from '@switchboard/domain/pseudonym';
import { type Codec, isAvroType } from '@switchboard/kafka';
import { type Sealer, SwitchboardError } from '@switchboard/platform';
import type { Original } from '@switchboard/postgres/pipeline/unsearched-letters';

export interface FindPeopleOptions {
  codec: Pick<Codec, 'decode'>;
  sealer: Pick<Sealer, 'open'>;
  pseudonymKey: Buffer;
}

/** Names under which a number without a country code is one of a phone. */
const phoneNames = /phone|mobile|number|contact|caller|^from$|^to$|^waid$/i;
/**
 * A body of 5 MiB must not become a search of minutes, nor a row of megabytes; while it is searched, no group that the process
 * is in hears of it, and to tell what a text is the number of takes tens of microseconds.
 */
const [mostLeaves, mostTexts, mostPeople] = [1_000_000, 20_000, 2_000];
/** JSON is kept as text within JSON, and each level may be as large as the body. */
const mostLevels = 4;
const looksLikeJson = /^\s*(?:\{\s*"|\[\s*(?:["{[\d-]|null|true|false))/;

export const unreadable = new SwitchboardError(
  'unreadable_original',
  'the original is no JSON, form or Avro',
);

/**
 * Pseudonyms of the phone numbers that stand in a dead letter's original, so that it is found by its patient. Of what can't be
 * read nobody knows whose it is, and trying again tells no more.
 * Whoever changes what is found raises `searchVersion`.
 * @param country the clinic's, of numbers without a country code
 * @throws SwitchboardError retryable, when the registry is away; `seal_broken` where no key opens it; `too_large` where more is in
 *   it than is searched: nobody may take it for a letter of those alone who were found
 */
export async function findPeople(
  { codec, sealer, pseudonymKey }: FindPeopleOptions,
  letter: Original,
  country: string | null,
): Promise<string[] | 'unsearchable'> {
  const { tenant_id: tenantId } = letter;
  if (tenantId === null) return [];
  const original = await readOriginal(letter, { codec, sealer });
  if (original === undefined) return 'unsearchable';
  const found = new Set<string>();
  const looked = new Set<string>();
  for (const [name, text] of leavesOf(original)) {
    if (!/^\+\d|^[a-z]+:\+\d/.test(text) && !phoneNames.test(name)) continue;
    if (looked.has(text)) continue;
    looked.add(text);
    const phone = toE164(text, country);
    if (phone !== null) found.add(pseudonymOf(pseudonymKey, tenantId, phone));
    if (found.size > mostPeople || looked.size > mostTexts) throw tooLarge();
  }
  return [...found];
}

/** @returns undefined: it can't be read */
async function readOriginal(
  letter: Original,
  { codec, sealer }: Pick<FindPeopleOptions, 'codec' | 'sealer'>,
): Promise<unknown> {
  const bytes = sealer.open(letter.sealed);
  try {
    if (isAvroType(letter.content_type))
      return letter.topic === null ? undefined : await codec.decode<unknown>(letter.topic, bytes);
    const text = bytes.toString('utf8');
    return letter.content_type.startsWith('application/x-www-form-urlencoded')
      ? Object.fromEntries(new URLSearchParams(text))
      : JSON.parse(text);
  } catch (error) {
    if (error instanceof SwitchboardError && error.retryable) throw error;
    return undefined;
  }
}

/** Texts and numbers within, also in JSON that is kept as text, each with the name that it, or the list it is in, has. */
function* leavesOf(value: unknown): Generator<[string, string]> {
  const waiting: [name: string, value: unknown, level: number][] = [['', value, 1]];
  let tried = 0;
  for (let seen = 0; waiting.length > 0; seen += 1) {
    if (seen >= mostLeaves) throw tooLarge();
    const [name, one, level] = waiting.pop() ?? ['', null, 0];
    if (typeof one === 'string' && looksLikeJson.test(one)) {
      tried += 1;
      const inner = parseJson(one);
      if (tried > mostTexts || (inner !== undefined && level === mostLevels)) throw tooLarge();
      waiting.push([name, inner, level + 1]);
    } else if (typeof one === 'string') yield [name, one];
    else if (typeof one === 'number' || typeof one === 'bigint') yield [name, String(one)];
    else if (Array.isArray(one)) for (const inner of one) waiting.push([name, inner, level]);
    else if (typeof one === 'object' && one !== null && !Buffer.isBuffer(one))
      for (const [key, inner] of Object.entries(one))
        waiting.push([key === 'value' ? systemOf(one) : key, inner, level]);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An identifier's value is what its system says: `{"system": "phone", "value": "98123 45678"}`. */
function systemOf(identifier: object): string {
  return 'system' in identifier && typeof identifier.system === 'string' ? identifier.system : 'value';
}

const tooLarge = () => new SwitchboardError('too_large', 'more is in it than is searched for people');
