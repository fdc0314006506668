/** A thread that reads transcripts as ours does, and does to itself what one of them says. */
import { extractCall } from '@switchboard/domain/extraction';
import { serveExtraction } from '../isolation/serve-extraction.ts';

serveExtraction((input) => {
  const text = input.turns.map((turn) => turn.text).join(' ');
  if (text.includes('zz-hang')) for (;;);
  if (text.includes('zz-exit')) process.exit(1);
  if (text.includes('zz-memory'))
    for (const held: number[][] = []; ; ) held.push(new Array(100_000).fill(held.length));
  return { analysis: extractCall(input) };
});
