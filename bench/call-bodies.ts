import { createHash } from 'node:crypto';
import { createCallGenerator } from '@switchboard/testkit/simulate/call-generator';
import type { SimulatedClinic } from '@switchboard/testkit/simulate/clinic';
import type { WebhookBody, WebhookTurn } from '@switchboard/testkit/simulate/webhook-body';

export interface CallBodiesOptions {
  seed: number;
  turns: number;
  /** Bodies are filled up to so many bytes with the metadata that vendors send along. */
  bytes?: number;
  /** Unix ms at which the last of the calls ends. */
  endsAt: number;
  /** From one call's end to the next one's, ms. */
  everyMs?: number;
  /** Who is called; the demo clinic unless told. */
  clinic?: SimulatedClinic;
}

/**
 * Webhooks of finished calls as `npm run simulate` posts them, one `call.completed` a call, each with exactly so many
 * turns: its own, said again until there are enough, so that calls ask for what simulated calls ask for. The same options
 * give the same bodies.
 */
export function* callBodies(count: number, options: CallBodiesOptions): Generator<string, void> {
  const { seed, turns, bytes = 0, endsAt, everyMs = 1, clinic } = options;
  const generator = createCallGenerator(seed, {
    clinic,
    startAt: endsAt - count * everyMs,
    everyMs,
    repeats: 0,
    shuffled: 0,
  });
  for (let made = 0; made < count; ) {
    const body = generator.next().find(({ event }) => event === 'call.completed');
    if (!body?.transcript || body.transcript.turns.length === 0) continue;
    made += 1;
    const own = body.transcript.turns;
    const said = Array.from({ length: turns }, (_, index) => own[index % own.length]);
    const transcript = { ...body.transcript, turns: said.filter((turn) => turn !== undefined).map(inOrder) };
    yield JSON.stringify(fillUp({ ...body, transcript }, bytes));
  }
}

function inOrder(turn: WebhookTurn, index: number): WebhookTurn {
  const start = 500 + index * 4_000;
  return { ...turn, index, start_ms: start, ...(turn.end_ms === undefined ? {} : { end_ms: start + 3_200 }) };
}

function fillUp(body: WebhookBody, bytes: number): WebhookBody {
  const metadata: Record<string, string> = { ...body.metadata };
  let missing = bytes - Buffer.byteLength(JSON.stringify({ ...body, metadata }));
  for (let index = 0; missing > 0; index += 1) {
    const value = createHash('sha256').update(`${body.event_id}/${index}`).digest('hex');
    metadata[`trace.${index}`] = value;
    missing -= value.length + `"trace.${index}":"",`.length;
  }
  return { ...body, metadata };
}
