import type { CallField, CallFields, MergedCall, SpokenCall } from '@switchboard/domain/voice/merge-call';
import type { CallPart } from '@switchboard/postgres/erasure/clear-calls';
import { isStandIn } from '@switchboard/postgres/erasure/stand-ins';
import type { StoredCall } from '@switchboard/postgres/voice/calls';

/** What of a call was emptied; a number that has its stand-in keeps it. */
export function emptiedOf(stored: StoredCall | undefined): readonly CallPart[] {
  if (!stored) return [];
  return isStandIn(stored.contact_phone ?? '') ? [...stored.emptied, 'number'] : stored.emptied;
}

/**
 * A call as its events say it, without what was emptied of it and is not to be filled again. What is counted stays: how many
 * turns there are, what was asked for, how much of it was found, that the call was handed over.
 * @param standInOf what stands for a number
 */
export function withoutEmptied(
  merged: MergedCall,
  emptied: readonly CallPart[],
  standInOf: (phone: string) => string,
): MergedCall {
  let { extra } = merged;
  let fields: CallFields = merged.fields;
  if (emptied.includes('texts')) {
    fields = withoutTexts(fields);
    extra = {};
  }
  if (emptied.includes('caller')) {
    fields = without(fields, ['contact_name', 'contact_date_of_birth']);
    if (fields.transferred_to !== undefined) fields = { ...fields, transferred_to: 'erased' };
  }
  const { contact_phone: phone } = fields;
  // What could not be read as a number has no stand-in, and goes with the caller.
  if (emptied.includes('number') || (emptied.includes('caller') && phone === undefined))
    fields = without(fields, [fields.direction === 'inbound' ? 'from_number' : 'to_number']);
  if (emptied.includes('number') && phone !== undefined)
    fields = { ...fields, contact_phone: isStandIn(phone) ? phone : standInOf(phone) };
  return { ...merged, fields, extra };
}

function withoutTexts(all: CallFields): CallFields {
  const fields = without(all, ['summary', 'metadata']);
  const { transcript, vendor_extraction } = fields;
  return {
    ...fields,
    ...(transcript && { transcript: withoutWords(transcript) }),
    ...(vendor_extraction && { vendor_extraction: { ...vendor_extraction, entities: null } }),
  };
}

function withoutWords({ transcript, analysis, ...spoken }: SpokenCall): SpokenCall {
  return {
    ...spoken,
    transcript: { ...transcript, turns: transcript.turns.map((turn) => ({ ...turn, text: '' })) },
    analysis: analysis && { ...analysis, entities: [], redactions: [] },
  };
}

function without(fields: CallFields, names: readonly CallField[]): CallFields {
  const kept = Object.entries(fields).filter(([name]) => !names.some((one) => one === name));
  return Object.assign({ direction: fields.direction }, Object.fromEntries(kept));
}
