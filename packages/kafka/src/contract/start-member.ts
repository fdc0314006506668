import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from './kit.ts';

export interface MemberSettings {
  broker: string;
  topic: string;
  groupId: string;
  sessionTimeoutMs: number;
}

/** A consumer in a process of its own, which can be frozen or killed. */
export function startMember(settings: MemberSettings): {
  child: ChildProcess;
  /** Resolves when it has said so; rejects after 30 s, or the time given. */
  says(text: string, ms?: number): Promise<void>;
} {
  const script = fileURLToPath(new URL('./member-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  return {
    child,
    says: (text, ms) => until(`the member says ${text}`, () => said.includes(`${text}\n`), ms),
  };
}
