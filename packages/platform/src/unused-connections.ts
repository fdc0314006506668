import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Remembers the connections on which nothing was ever sent, as clients and browsers open them in advance. Node counts
 * them as busy, so that `server.close()` waits for them up to its headers' timeout, a minute.
 *
 * @returns ends those that are still unused; to be called when the server begins to close
 */
export function rememberUnusedConnections(server: Server): () => void {
  const connections = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', ({ socket }) => connections.delete(socket));
  return () => {
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
  };
}
