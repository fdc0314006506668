import type { TenantSettings } from '../tenants.ts';
import type { CallPosition } from '../voice/fact-records.ts';

/** Ids of records whose rows a transaction changed. */
export interface Touched {
  /** Patients whose records' links or own rows changed: both the one before and the one after. */
  patients?: Iterable<string>;
  calls?: Iterable<string>;
  /** Where calls stood before the change, if they began at another time, or with another number, direction or intent. */
  callsBefore?: readonly CallPosition[];
  /** Those of the calls that answer nothing else than before: known to have the same of that, and of status and turns. */
  callsInPlace?: Iterable<string>;
  /** With them those that an appointment was booked in, if that link was taken away. */
  conversations?: Iterable<string>;
  messages?: Iterable<string>;
  appointments?: Iterable<string>;
  /** With all steps. */
  journeys?: Iterable<string>;
  /** Whose department changed. */
  practitioners?: Iterable<string>;
  /** Whose fee changed. */
  appointmentTypes?: Iterable<string>;
}

export interface StateContext {
  tenant: TenantSettings;
  /** Keyed HMAC of the other party's number. */
  pseudonymKey: Buffer;
  /** The event named in the facts it changes. */
  cause: Cause;
  /** Where an entity was changed by an event of its own. */
  causeOf?: (entityId: string) => Cause | undefined;
  /** As of facts: the shard's worker is not woken for it. */
  isLate?: boolean;
}

export interface Cause {
  eventId: string;
  traceparent: string | null;
}

/** Ids of what is to be stated; steps are stated with their journeys. */
export interface ToState {
  calls: Set<string>;
  conversations: Set<string>;
  messages: Set<string>;
  appointments: Set<string>;
  journeys: Set<string>;
}
