import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';

/** Stands between a client and an engine that others use too. */
export interface HalfOpenProxy {
  port: number;
  /** Lets no byte through any more on what is connected, and tells neither end; new connections are served. */
  freeze(): void;
  /** The same on what is connected and on all that connect, until {@link heal}. */
  freezeAll(): void;
  /** Each piece that the engine sends waits so long, ms. */
  slow(ms: number): void;
  /** Once a client sends this text, its connection carries it on and brings no answer any more. */
  holdAnswersTo(text: string): void;
  /** Ends what is connected, and refuses others until {@link heal}. */
  cut(): void;
  /** New connections are served as if nothing had been. */
  heal(): void;
  stop(): Promise<void>;
}

/** Connections through it can end as they do when a machine or a network between goes away: without a word. */
export async function startHalfOpenProxy(target: { host: string; port: number }): Promise<HalfOpenProxy> {
  const sockets = new Set<Socket>();
  const faults = { frozen: false, cut: false, delayMs: 0, held: '' };
  const server = createServer((near) => {
    if (faults.cut) {
      near.destroy();
      return;
    }
    const far = connect(target.port, target.host);
    let isHeld = false;
    const asked = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        isHeld ||= faults.held !== '' && chunk.includes(faults.held);
        done(null, chunk);
      },
    });
    const answered = new Transform({
      async transform(chunk: Buffer, _encoding, done) {
        if (faults.delayMs > 0) await wait(faults.delayMs);
        if (!isHeld) done(null, chunk);
      },
    });
    for (const [socket, way, other] of [
      [near, asked, far],
      [far, answered, near],
    ] as const) {
      sockets.add(socket);
      socket.pipe(way).pipe(other);
      socket.on('error', () => other.destroy()).on('close', () => sockets.delete(socket));
    }
    if (faults.frozen) freeze();
  });
  function freeze(): void {
    for (const socket of sockets) socket.unpipe().pause();
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    freeze,
    freezeAll() {
      faults.frozen = true;
      freeze();
    },
    slow(ms) {
      faults.delayMs = ms;
    },
    holdAnswersTo(text) {
      faults.held = text;
    },
    cut() {
      faults.cut = true;
      for (const socket of sockets) socket.destroy();
    },
    heal() {
      Object.assign(faults, { frozen: false, cut: false, delayMs: 0, held: '' });
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
