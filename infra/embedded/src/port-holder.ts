import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { allPids, commandOf } from './process-table.ts';

export interface PortHolder {
  pid: number;
  command: string;
}

const LISTENING = '0A';

/** Who listens on a TCP port of this machine; `undefined` when nobody does, or when the system doesn't tell. */
export function portHolder(port: number): PortHolder | undefined {
  const sockets = new Set(listeningSockets(port).map((inode) => `socket:[${inode}]`));
  if (sockets.size === 0) return undefined;
  const pid = allPids().find((candidate) => openFiles(candidate).some((file) => sockets.has(file)));
  return pid === undefined ? undefined : { pid, command: commandOf(pid) ?? '?' };
}

/** "process 4711 (node server.js)", or that the system doesn't tell. */
export function describeHolder(port: number): string {
  const holder = portHolder(port);
  return holder ? `process ${holder.pid} (${holder.command})` : 'a process that this user may not see';
}

/** Inodes of sockets that listen on the port, by `/proc/net/tcp` and `tcp6`. */
function listeningSockets(port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return ['tcp', 'tcp6'].flatMap((table) => {
    try {
      return readFileSync(`/proc/net/${table}`, 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter(([, local, , state]) => state === LISTENING && local?.endsWith(`:${hex}`))
        .flatMap((fields) => fields[9] ?? []);
    } catch {
      return [];
    }
  });
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}
