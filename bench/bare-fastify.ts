/**
 * The limit that ingest is measured against: a Fastify that parses the body, checks the same signature and keeps
 * nothing; or writes the body to Kafka as it came, when it is told a broker. Its arguments are the port, the secret
 * and the broker.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createProducer, fullTopicName } from '@switchboard/kafka';
import { fastify } from 'fastify';

const [port, secret = '', broker] = process.argv.slice(2);
const app = fastify();
const topic = fullTopicName('switchboard.', 'voice-call.received.v1');
const producer = broker ? createProducer({ brokers: [broker], clientId: 'bare-fastify' }) : undefined;
await producer?.connect();

app.removeAllContentTypeParsers();
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
  done(null, body);
});

app.post('/', async (request, reply) => {
  const { body, headers } = request;
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-zoice-signature'])) ?? [];
  if (!Buffer.isBuffer(body) || v1 === undefined) return reply.code(401).send();
  const digest = createHmac('sha256', secret).update(`${t}.`).update(body).digest();
  if (!timingSafeEqual(digest, Buffer.from(v1, 'hex'))) return reply.code(401).send();
  const event: { event_id?: unknown; call?: { id?: unknown } } = JSON.parse(body.toString());
  await producer?.send({ topic, key: String(event.call?.id), value: body });
  return reply.code(202).send({ status: 'accepted', event_id: event.event_id });
});

await app.listen({ host: '127.0.0.1', port: Number(port) });
process.stdout.write('listening\n');
