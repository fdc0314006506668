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
  says(text: string): Promise<void>;
} {
  const script = fileURLToPath(new URL('./member-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  return { child, says: (text) => until(`the member says ${text}`, () => said.includes(`${text}\n`)) };
}
