import { setTimeout as sleep } from 'node:timers/promises';
import { type ManagedProcess, type ProcessExit, StartError } from '@switchboard/embedded';
import { expect, test } from 'vitest';
import { createSupervisor } from './supervisor.ts';

/** A process that ends when told, with a count of its starts. */
function toy(name: string) {
  let exited = Promise.withResolvers<ProcessExit>();
  const starts = { count: 1 };
  const end = (exit: ProcessExit) => exited.resolve(exit);
  const process: ManagedProcess = {
    name,
    port: 1,
    url: '',
    logFile: `${name}.log`,
    get pid() {
      return starts.count;
    },
    get exited() {
      return exited.promise;
    },
    stop: async () => end({ code: 0, signal: null }),
    kill: async (signal = 'SIGKILL') => end({ code: null, signal }),
    restart: async () => {
      starts.count += 1;
      exited = Promise.withResolvers<ProcessExit>();
    },
  };
  return { process, starts, end, crash: () => end({ code: 1, signal: null }) };
}

async function until(probe: () => boolean): Promise<void> {
  for (let i = 0; i < 1_500 && !probe(); i++) await sleep(10);
  expect(probe()).toBe(true);
}

test('a crashed process is started again while others go on', async () => {
  const lines: string[] = [];
  const supervisor = createSupervisor({ say: (line) => lines.push(line) });
  const [one, other] = [toy('one'), toy('other')];
  supervisor.watch('service', one.process);
  supervisor.watch('service', other.process);
  one.crash();
  await until(() => one.starts.count === 2);
  expect(other.starts.count).toBe(1);
  await until(() => lines.length === 2);
  expect(lines).toEqual(['one ended (exit code 1); starting it again', 'one runs again']);
  await supervisor.stopAll([]);
});

test('five crashes in a minute end the whole, with the reason', async () => {
  const supervisor = createSupervisor({ firstWaitMs: 1 });
  const broken = toy('broken');
  supervisor.watch('engine', broken.process);
  for (let crash = 1; crash <= 5; crash++) {
    await until(() => broken.starts.count === crash);
    broken.crash();
  }
  expect((await supervisor.gaveUp).message).toBe(
    'broken crashed 5 times in a minute, last by exit code 1; see broken.log (npm run logs -- broken).',
  );
  await supervisor.stopAll([]);
});

test('what cannot start because its disk is full is tried until there is room', async () => {
  const lines: string[] = [];
  const supervisor = createSupervisor({ firstWaitMs: 1, say: (line) => lines.push(line) });
  const engine = toy('engine');
  const { restart } = engine.process;
  engine.process.restart = async () => {
    await restart();
    if (engine.starts.count > 8) return;
    engine.crash();
    throw new StartError('disk_full', 'The disk is full.');
  };
  supervisor.watch('engine', engine.process);
  engine.crash();
  await until(() => engine.starts.count === 9);
  await until(() => lines.at(-1) === 'engine runs again');
  expect(lines).toContain('engine ended (The disk is full., 8 times in a minute); starting it again');
  expect(supervisor.list()).toMatchObject([{ state: 'runs' }]);
  await supervisor.stopAll([]);
});

test('a service that an event kills again and again, each time after some work, is started until that is set aside', async () => {
  const supervisor = createSupervisor({ firstWaitMs: 1, workedMs: 50 });
  let gaveUp = false;
  void supervisor.gaveUp.then(() => {
    gaveUp = true;
  });
  const [sink, api] = [toy('sink'), toy('api')];
  supervisor.watch('service', sink.process, true);
  supervisor.watch('service', api.process);
  for (let death = 1; death <= 7; death++) {
    await until(() => sink.starts.count === death);
    await sleep(60);
    sink.end({ code: null, signal: 'SIGABRT' });
  }
  await until(() => sink.starts.count === 8);
  expect(gaveUp).toBe(false);
  for (let crash = 1; crash <= 5; crash++) {
    await until(() => api.starts.count === crash);
    await sleep(60);
    api.crash();
  }
  // No event reaches it: it is broken, however long it works each time.
  expect((await supervisor.gaveUp).message).toMatch(/^api crashed 5 times/);
  await supervisor.stopAll([]);
});

test('a service is not to blame while an engine is away', async () => {
  const supervisor = createSupervisor({ firstWaitMs: 1 });
  const [engine, service] = [toy('engine'), toy('service')];
  supervisor.watch('engine', engine.process);
  supervisor.watch('service', service.process);
  await supervisor.hold('engine');
  for (let crash = 1; crash <= 6; crash++) {
    await until(() => service.starts.count === crash);
    service.crash();
  }
  await until(() => service.starts.count === 7);
  await supervisor.stopAll([]);
});

test('an end that was asked for is no crash', async () => {
  const supervisor = createSupervisor();
  const killed = toy('killed');
  supervisor.watch('service', killed.process);
  for (let kill = 1; kill <= 6; kill++) {
    await until(() => killed.starts.count === kill);
    await supervisor.kill('killed', 'SIGKILL');
  }
  await until(() => killed.starts.count === 7);
  await supervisor.stopAll([]);
});

test('a signal that somebody sends is no crash, obeyed or not', async () => {
  const supervisor = createSupervisor({ firstWaitMs: 1 });
  let gaveUp = false;
  void supervisor.gaveUp.then(() => {
    gaveUp = true;
  });
  const killed = toy('killed');
  supervisor.watch('engine', killed.process);
  const ends: ProcessExit[] = [
    { code: null, signal: 'SIGKILL' },
    { code: null, signal: 'SIGTERM' },
    { code: 0, signal: null },
    { code: 143, signal: null },
    { code: 130, signal: null },
    { code: null, signal: 'SIGHUP' },
  ];
  for (const [times, exit] of ends.entries()) {
    await until(() => killed.starts.count === times + 1);
    killed.end(exit);
  }
  await until(() => killed.starts.count === 7);
  expect(gaveUp).toBe(false);
  await supervisor.stopAll([]);
});

test('what is killed again and again is started again for ever, and it is said that memory may be short', async () => {
  const lines: string[] = [];
  const supervisor = createSupervisor({ firstWaitMs: 1, say: (line) => lines.push(line) });
  const killed = toy('killed');
  supervisor.watch('service', killed.process);
  for (let kill = 1; kill <= 6; kill++) {
    await until(() => killed.starts.count === kill);
    killed.end({ code: null, signal: 'SIGKILL' });
  }
  await until(() => killed.starts.count === 7);
  const [first, , third] = lines.filter((line) => line.includes('ended'));
  expect(first).toBe('killed ended (SIGKILL); starting it again');
  expect(third).toBe(
    'killed ended (SIGKILL, 3 times in a minute); starting it again, for as long as somebody kills it: the system does when memory runs out, and tells so in its own log (dmesg)',
  );
  expect(supervisor.list()).toMatchObject([{ restarts: 6, lastEnd: 'SIGKILL, 6 times in a minute' }]);
  await supervisor.stopAll([]);
});

test('a signal by which the program itself fails is a crash', async () => {
  const supervisor = createSupervisor({ firstWaitMs: 1 });
  const broken = toy('broken');
  supervisor.watch('engine', broken.process);
  for (let crash = 1; crash <= 5; crash++) {
    await until(() => broken.starts.count === crash);
    broken.end({ code: null, signal: 'SIGSEGV' });
  }
  expect(await supervisor.gaveUp).toMatchObject({ code: 'crashed_too_often' });
  await supervisor.stopAll([]);
});

test('each further crash in a minute is waited for longer', async () => {
  const supervisor = createSupervisor({ firstWaitMs: 20 });
  const broken = toy('broken');
  supervisor.watch('engine', broken.process);
  const pauses: number[] = [];
  for (let crash = 1; crash <= 4; crash++) {
    await until(() => broken.starts.count === crash);
    const at = performance.now();
    broken.crash();
    await until(() => broken.starts.count === crash + 1);
    pauses.push(performance.now() - at);
  }
  for (const [index, least] of [20, 80, 320, 1280].entries())
    expect(pauses[index]).toBeGreaterThanOrEqual(least - 2);
  await supervisor.stopAll([]);
});

test('tells how each process is', async () => {
  let changes = 0;
  const supervisor = createSupervisor({
    firstWaitMs: 1,
    changed: () => {
      changes += 1;
    },
  });
  const one = toy('one');
  supervisor.watch('engine', one.process);
  one.crash();
  await until(() => changes >= 3);
  expect(supervisor.list()).toMatchObject([{ kind: 'engine', state: 'runs', restarts: 1 }]);
  await supervisor.hold('one');
  expect(supervisor.list()).toMatchObject([{ state: 'held' }]);
  await supervisor.stopAll([]);
});

test('a held process stays stopped until it is released', async () => {
  const supervisor = createSupervisor({ firstWaitMs: 1 });
  const [held, later] = [toy('held'), toy('later')];
  supervisor.watch('engine', held.process);
  supervisor.watch('engine', later.process);
  await supervisor.hold('held');
  // What ends after it has waited as long by the time that it is there again.
  later.crash();
  await until(() => later.starts.count === 2);
  expect(held.starts.count).toBe(1);
  await supervisor.release('held');
  expect(held.starts.count).toBe(2);
  await supervisor.stopAll([]);
});

test('ends what is named first in that order, then the rest', async () => {
  const supervisor = createSupervisor();
  const ended: string[] = [];
  for (const name of ['kafka', 'postgres', 'sink', 'ingest']) {
    const { process } = toy(name);
    const stop = process.stop;
    supervisor.watch('service', {
      ...process,
      exited: process.exited,
      stop: async () => {
        ended.push(name);
        await stop();
      },
    });
  }
  await supervisor.stopAll(['ingest', 'sink']);
  expect(ended).toEqual(['ingest', 'sink', 'kafka', 'postgres']);
});

test('the end of all does not wait for a start that hangs', async () => {
  const supervisor = createSupervisor({ firstWaitMs: 1 });
  const engine = toy('engine');
  const { stop } = engine.process;
  const hanging = Promise.withResolvers<void>();
  let begun = false;
  engine.process.restart = () => {
    begun = true;
    return hanging.promise;
  };
  engine.process.stop = async () => {
    hanging.reject(new Error('engine was stopped'));
    await stop();
  };
  supervisor.watch('engine', engine.process);
  engine.crash();
  await until(() => begun);
  await supervisor.stopAll([]);
});
