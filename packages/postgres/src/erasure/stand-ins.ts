import { pseudonymOf } from '@switchboard/domain/pseudonym';

/** A number, and what stands for it from now on. */
export interface StandIn {
  phone: string;
  /** Equal for equal numbers, so that callers are still told apart; the number can't be read from it. */
  standIn: string;
}

const prefix = 'erased ';

/** What stands for a number that is to be forgotten: the same for the same number, so that whoever begins again ends the same. */
export function standInOf(key: Buffer, tenantId: string, phone: string): StandIn {
  return { phone, standIn: `${prefix}${pseudonymOf(key, tenantId, `${prefix}${phone}`)}` };
}

export function isStandIn(phone: string): boolean {
  return phone.startsWith(prefix);
}
