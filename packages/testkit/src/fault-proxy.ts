import { connect, createServer, type Socket } from 'node:net';

/** Stands between clients and an engine that others use too, and can do to them what networks do. */
export interface FaultProxy {
  port: number;
  /** Lets no byte through any more on what is connected, and tells neither end; new connections are served. */
  freeze(): void;
  /** Breaks every connection; new ones are served. */
  cut(): void;
  /** Holds each byte back by so many ms from now on; 0: not any more. */
  delay(ms: number): void;
  /** Takes new connections and lets nothing through on them either, until told otherwise. */
  swallow(on: boolean): void;
  /** Ends new connections at once, until told otherwise. */
  refuse(on: boolean): void;
  /** Once a client sends this text, its connection carries it on and brings no answer any more; undefined: not any more. */
  loseAnswersTo(text: string | undefined): void;
  /** What comes from now on is served as if nothing had been; what is frozen stays so. */
  heal(): void;
  stop(): Promise<void>;
}

export interface FaultProxyOptions {
  host: string;
  port: number;
  /** Where it listens; any free port unless told. */
  listenPort?: number;
}

interface Faults {
  delayMs: number;
  swallows: boolean;
  refuses: boolean;
  lost?: string | undefined;
}

const noFaults: Faults = { delayMs: 0, swallows: false, refuses: false };

/** Connections through it can end as they do when a machine or a network between goes away: without a word. */
export async function startFaultProxy({
  host,
  port,
  listenPort = 0,
}: FaultProxyOptions): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  const frozen = new WeakSet<Socket>();
  let faults: Faults = { ...noFaults };

  function lead(from: Socket, to: Socket, isAsking: boolean): void {
    // What was held back longer must not be overtaken by what came after the delay was lowered, whichever timer ends first.
    let dueAt = 0;
    const held: (() => void)[] = [];
    const later = (work: () => void) => {
      dueAt = Math.max(dueAt, performance.now() + faults.delayMs);
      const waitMs = dueAt - performance.now();
      if (waitMs <= 0 && held.length === 0) return work();
      held.push(work);
      setTimeout(() => held.shift()?.(), waitMs);
    };
    from.on('data', (bytes: Buffer) =>
      later(() => {
        if (frozen.has(from) || to.destroyed) return;
        if (isAsking && faults.lost !== undefined && bytes.includes(faults.lost)) freezeOne(to);
        if (to.write(bytes)) return;
        from.pause();
        to.once('drain', () => frozen.has(from) || from.resume());
      }),
    );
    from.on('end', () => later(() => frozen.has(from) || to.end()));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      if (!frozen.has(from)) later(() => to.destroy());
    });
  }

  function freezeOne(socket: Socket): void {
    frozen.add(socket);
    socket.pause();
  }

  // Small pieces go on as they come: the system's own habit of gathering them would add forty milliseconds to each.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    if (faults.refuses) {
      near.resetAndDestroy();
      return;
    }
    sockets.add(near);
    if (faults.swallows) {
      near.on('error', () => near.destroy()).on('close', () => sockets.delete(near));
      freezeOne(near);
      return;
    }
    const far = connect({ host, port, allowHalfOpen: true, noDelay: true });
    sockets.add(far);
    lead(near, far, true);
    lead(far, near, false);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(listenPort, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    freeze() {
      for (const socket of sockets) freezeOne(socket);
    },
    cut() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    delay(ms) {
      faults.delayMs = ms;
    },
    swallow(on) {
      faults.swallows = on;
    },
    refuse(on) {
      faults.refuses = on;
    },
    loseAnswersTo(text) {
      faults.lost = text;
    },
    heal() {
      faults = { ...noFaults };
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A proxy before the engine that a URL names. @returns it, with the URL that leads through it */
export async function startProxyBefore(engineUrl: string): Promise<FaultProxy & { url: string }> {
  const url = new URL(engineUrl);
  const proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) });
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  return { ...proxy, url: url.href };
}
