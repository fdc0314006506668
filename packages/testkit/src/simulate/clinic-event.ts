import { withOffset } from './call-generator.ts';

/** A CloudEvent as a clinic's own system posts it. */
export interface ClinicEventBody {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  subject: string;
  /** RFC 3339 with the clinic's offset. */
  time: string;
  data: Record<string, unknown>;
}

export interface ClinicEventWriter {
  /** Makes an event; each has an id of its own. */
  write(type: string, subject: string, atMs: number, data?: Record<string, unknown>): ClinicEventBody;
}

/** @param name of this run: another one's events have other ids */
export function createClinicEventWriter(name: string, timeZone: string): ClinicEventWriter {
  let written = 0;
  return {
    write(type, subject, atMs, data = {}) {
      written += 1;
      return {
        specversion: '1.0',
        id: `${name}-${written}`,
        source: '/simulated/emr',
        type,
        subject,
        time: withOffset(atMs, timeZone),
        data,
      };
    },
  };
}
