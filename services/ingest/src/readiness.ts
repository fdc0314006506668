import {
  type Check,
  checkReadiness,
  checksAskedFor,
  type Readiness,
  SwitchboardError,
} from '@switchboard/platform';
import type { EventSink } from './events/event-sink.ts';
import type { TenantDirectory } from './tenants/tenant-directory.ts';

export interface IngestReadiness extends Readiness {
  /** True from the moment that the process is told to stop. */
  draining: boolean;
}

export interface ReadinessProbe {
  /** Whether an event could be taken now. @param url names what is not to be asked: see `checksAskedFor` */
  probe(url?: string): Promise<IngestReadiness>;
  /** Whether one of Twilio's could. */
  probeTwilio(): Promise<IngestReadiness>;
  /** Not ready from now on. */
  drain(): void;
  isDraining(): boolean;
}

export interface ReadinessOptions {
  sink: Pick<EventSink, 'check'>;
  tenants: Pick<TenantDirectory, 'isLoaded'>;
  /** Whether it is known where Twilio reaches us. */
  hasTwilioUrl: boolean;
}

/** Postgres is not asked: tenants once loaded, ingest takes events without it. */
export function createReadinessProbe({ sink, tenants, hasTwilioUrl }: ReadinessOptions): ReadinessProbe {
  let draining = false;
  const checks: Record<string, Check> = {
    broker: () => sink.check(),
    tenants: () => {
      if (!tenants.isLoaded())
        throw new SwitchboardError(
          'tenants_not_loaded',
          'tenants are not loaded yet: Postgres is waited for',
        );
    },
  };
  const twilioChecks = {
    ...checks,
    public_url: () => {
      if (!hasTwilioUrl)
        throw new SwitchboardError('twilio_public_url_unset', 'no signature of Twilio’s can be checked');
    },
  };
  const judge = async (these: Record<string, Check>): Promise<IngestReadiness> => {
    const { ready, checks: results } = await checkReadiness(these);
    return { ready: ready && !draining, checks: results, draining };
  };
  return {
    probe: async (url) => judge(url === undefined ? checks : checksAskedFor(url, checks)),
    probeTwilio: () => judge(twilioChecks),
    drain() {
      draining = true;
    },
    isDraining: () => draining,
  };
}
