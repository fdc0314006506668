import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type LoadAnswer, type LoadOrder, loadAnswer } from './messages.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

/**
 * Loads a server from a process of its own.
 * @throws Error when the process fails, or any request was not answered `202`, or as `allowed`: what refuses is not measured
 */
export async function runLoad(order: LoadOrder, allowed: readonly string[] = ['202']): Promise<LoadAnswer> {
  const child = spawn(process.execPath, [main], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(order));
  const ended = once(child, 'close');
  const output = await text(child.stdout);
  const [code] = await ended;
  if (code !== 0) throw new Error(`the load process ended with ${code}`);
  const answer = loadAnswer.parse(JSON.parse(output));
  const refused = Object.entries(answer.statuses).filter(([status]) => !allowed.includes(status));
  if (refused.length > 0)
    throw new Error(`answers other than ${allowed.join(', ')}: ${JSON.stringify(answer.statuses)}`);
  return answer;
}
