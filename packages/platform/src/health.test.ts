import { afterEach, describe, expect, it } from 'vitest';
import { SwitchboardError } from './errors.ts';
import { type Check, checkReadiness, type HealthServer, startHealthServer } from './health.ts';
import { createMetrics } from './metrics.ts';

let server: HealthServer | undefined;
afterEach(() => server?.stop());

async function start(checks: Record<string, Check>): Promise<(path: string) => Promise<Response>> {
  const metrics = createMetrics('test');
  metrics.counter('switchboard_example_total', 'Example', ['kind']).inc({ kind: 'x' });
  server = await startHealthServer({ host: '127.0.0.1', port: 0, metrics, checks });
  const { port } = server;
  return (path) => fetch(`http://127.0.0.1:${port}${path}`);
}

describe('startHealthServer', () => {
  it('answers that it lives, that it is ready, and its metrics', async () => {
    const get = await start({ store: () => undefined });
    expect((await get('/healthz')).status).toBe(200);
    const ready = await get('/readyz?verbose');
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', checks: { store: 'ok' } }]);
    const metrics = await get('/metrics');
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    expect(await metrics.text()).toContain('switchboard_example_total{kind="x",service="test"} 1');
    expect((await get('/')).status).toBe(404);
  });

  it('says which part is not ready, in our words alone, and lives on', async () => {
    const get = await start({
      broker: () => {
        throw new SwitchboardError('broker_unavailable', 'the broker is away');
      },
      store: () => Promise.reject(new Error('connect postgres://ann:hunter2@db')),
    });
    const answer = await get('/readyz');
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { status: 'not ready', checks: { broker: 'the broker is away', store: 'not reachable' } },
    ]);
    expect((await get('/healthz')).status).toBe(200);
  });

  it('leaves out of readiness what the request excludes, and knows each name', async () => {
    const get = await start({ broker: () => Promise.reject(new Error('away')), store: () => undefined });
    expect((await get('/readyz?exclude=store')).status).toBe(503);
    const ready = await get('/readyz?exclude=broker');
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', checks: { store: 'ok' } }]);
    expect((await get('/readyz?exclude=broker&exclude=store')).status).toBe(200);
    const unknown = await get('/readyz?exclude=brocker');
    expect([unknown.status, await unknown.json()]).toEqual([
      400,
      { status: 'bad request', detail: 'exclude must be one of broker, store.' },
    ]);
  });

  it('refuses a port that is taken', async () => {
    await start({});
    const taken = startHealthServer({
      host: '127.0.0.1',
      port: server?.port ?? 0,
      metrics: createMetrics('other'),
      checks: {},
    });
    await expect(taken).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('checkReadiness', () => {
  it('gives up a check that never answers', async () => {
    const { ready, checks } = await checkReadiness(
      { slow: () => new Promise(() => {}), quick: () => {} },
      20,
    );
    expect({ ready, checks }).toEqual({ ready: false, checks: { slow: 'not reachable', quick: 'ok' } });
  });
});
