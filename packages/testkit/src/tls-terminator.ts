import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { createServer } from 'node:tls';

export interface TlsTerminator {
  port: number;
  stop(): Promise<void>;
}

/** Speaks TLS in front of a server of this machine that doesn't, and hands the bytes on. */
export async function startTlsTerminator(options: {
  /** Of the server behind. */
  to: number;
  /** Paths of PEM files. */
  certificate: string;
  key: string;
}): Promise<TlsTerminator> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
  };
  const server = createServer({
    cert: readFileSync(options.certificate),
    key: readFileSync(options.key),
  });
  server.on('secureConnection', (outside) => {
    const inside = connect(options.to, '127.0.0.1');
    keep(outside);
    keep(inside);
    outside.pipe(inside).pipe(outside);
    outside.on('close', () => inside.destroy());
    inside.on('close', () => outside.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    port: address.port,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
