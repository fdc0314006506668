import type { Demo } from '@switchboard/start';
import type { ClinicEvent } from '@switchboard/testkit/random-clinic-events';

const perBatch = 500;

/** Posts events in batches, in the order given, each batch until it is taken. @throws Error when one is invalid */
export async function postEvents(
  demo: Pick<Demo, 'ingest' | 'api_key'>,
  events: readonly ClinicEvent[],
): Promise<void> {
  for (let at = 0; at < events.length; at += perBatch) await postBatch(demo, events.slice(at, at + perBatch));
}

async function postBatch(
  { ingest, api_key }: Pick<Demo, 'ingest' | 'api_key'>,
  events: readonly ClinicEvent[],
): Promise<void> {
  const answer = await fetch(`${ingest}/api/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents-batch+json', 'x-api-key': api_key },
    body: JSON.stringify(events),
  });
  const text = await answer.text();
  if (answer.status !== 202 || text.includes('"invalid"'))
    throw new Error(`a batch was answered ${answer.status}: ${text.slice(0, 500)}`);
}
