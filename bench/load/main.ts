/** A process that loads a server: what it costs is not counted as the server's. */
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { signZoice } from '@switchboard/testkit/signing';
import { callBodies } from '../call-bodies.ts';
import { runClosedLoop } from './closed-loop.ts';
import { type LoadAnswer, loadOrder } from './messages.ts';
import { runOpenLoop } from './open-loop.ts';

const order = loadOrder.parse(JSON.parse(await text(process.stdin)));
const { seed, turns, bytes, secret } = order;
const unixSeconds = Math.floor(Date.now() / 1_000);
// Signed before the clock starts: what is measured is the server.
const requests = [...callBodies(order.bodies, { seed, turns, bytes, endsAt: Date.now() })].map((body) => ({
  body,
  headers: { ...signZoice(secret, body, unixSeconds) },
}));
await sleep(Math.max(0, (order.notBefore ?? 0) - Date.now()));
const answer: LoadAnswer = await (order.kind === 'closed' ? runClosedLoop : runOpenLoop)(order, requests);
process.stdout.write(JSON.stringify(answer));
