import { Validator } from '@seriousme/openapi-schema-validator';
import { createLogger, createMetrics } from '@switchboard/platform';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createApp } from '../app.ts';
import { createIngestMetrics } from '../ingest-metrics.ts';
import { createReadinessProbe } from '../readiness.ts';
import { createRecordReader } from '../records/read-record.ts';
import { createVendors } from '../vendors/index.ts';

const operation = z.looseObject({
  summary: z.string(),
  tags: z.array(z.string()),
  requestBody: z.object({ content: z.record(z.string(), z.unknown()) }).optional(),
  responses: z.record(z.string(), z.looseObject({ description: z.string() })),
});
const document = z.looseObject({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), operation)),
});
type App = Awaited<ReturnType<typeof createApp>>;
let app: App;
let text: string;

beforeAll(async () => {
  const metrics = createMetrics('test');
  const unused = () => Promise.reject(new Error('nothing is taken here'));
  app = await createApp({
    takeVoiceWebhook: unused,
    takeWhatsappWebhook: unused,
    takeClinicEvents: unused,
    operations: {
      probe: createReadinessProbe({
        sink: { check: async () => {} },
        tenants: { isLoaded: () => true },
        hasTwilioUrl: false,
      }),
      metrics,
      refreshGauges: () => {},
    },
    metrics: createIngestMetrics(metrics),
    logger: createLogger({ service: 'test', level: 'silent' }),
    trustProxy: false,
    requestTimeoutMs: 1_000,
  });
  text = (await app.inject('/openapi.json')).body;
});

test('the document is valid OpenAPI 3.1', async () => {
  const result = await new Validator().validate(JSON.parse(text));
  expect(result.errors).toBeUndefined();
  expect(result.valid).toBe(true);
});

test('each route is in it, with what it takes and answers, and nothing else is', async () => {
  const { paths } = document.parse(JSON.parse(text));
  const described = Object.keys(paths).sort();
  expect(described).toEqual(routesOf(app));
  for (const [path, methods] of Object.entries(paths)) {
    const [method = ''] = Object.keys(methods);
    const of = methods[method];
    expect([path, Object.keys(of?.responses ?? {}).length > 0]).toEqual([path, true]);
    if (method === 'post') {
      expect([path, Object.keys(of?.requestBody?.content ?? {}).length > 0]).toEqual([path, true]);
      expect(Object.keys(of?.responses ?? {})).toEqual(
        expect.arrayContaining(['400', '401', '403', '413', '415', '422', '429', '503']),
      );
    }
  }
});

test('each vendor’s body and each type of event is described', () => {
  for (const vendor of createVendors().keys()) expect(text).toContain(`"?vendor=${vendor}"`);
  for (const type of createRecordReader().types) expect(text).toContain(`"${type}"`);
  expect(text).toContain('event_id');
  expect(text).toContain('ProfileName');
});

test('it is shown, and the health of Twilio’s webhook says when none can be proven', async () => {
  const shown = await app.inject('/docs/');
  expect([shown.statusCode, shown.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  const [voice, whatsapp] = await Promise.all(
    ['voice', 'whatsapp'].map((channel) => app.inject(`/api/v1/${channel}/webhook/health`)),
  );
  expect(voice?.json()).toEqual({ status: 'ok', checks: { broker: 'ok', tenants: 'ok' } });
  expect([whatsapp?.statusCode, whatsapp?.json()]).toEqual([
    503,
    {
      status: 'unavailable',
      checks: { broker: 'ok', tenants: 'ok', public_url: 'no signature of Twilio’s can be checked' },
    },
  ]);
});

/** What the router knows, but for the documents themselves, as OpenAPI writes paths. */
function routesOf(of: App): string[] {
  const parents: string[] = [];
  const paths: string[] = [];
  // A tree: four characters of each line for a level, then the part of the path and, in brackets, its methods.
  for (const line of of.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', part = '', methods] = /^(.*?[├└]── )(\S*)( \()?/.exec(line) ?? [];
    const level = indent.length / 4;
    const path = `${level > 1 ? (parents[level - 1] ?? '') : ''}${part}`;
    parents[level] = path;
    if (methods !== undefined) paths.push(path.replaceAll(/:(\w+)/g, '{$1}'));
  }
  const isOwn = (path: string) => path.startsWith('/') && !/^\/(docs|(api\/v1\/)?openapi\.json)/.test(path);
  return [...new Set(paths.filter(isOwn))].sort();
}
