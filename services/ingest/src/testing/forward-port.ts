import { connect, createServer, type Socket } from 'node:net';

/** Stands in front of an engine that others use too, so that one test may cut its own way to it. */
export interface ForwardedPort {
  port: number;
  /** Ends all connections and takes no more. */
  stop(): Promise<void>;
}

export async function forwardPort(target: { host: string; port: number }): Promise<ForwardedPort> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target.port, target.host);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => other.destroy()).on('close', () => sockets.delete(socket));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
