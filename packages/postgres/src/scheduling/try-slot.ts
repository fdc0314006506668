import type { Client } from '../pool.ts';

/**
 * Runs what takes a slot; the constraint of the database decides. The transaction goes on either way.
 * @returns 'SLOT_TAKEN' where somebody has it, and nothing is written
 */
export async function trySlot<T>(client: Client, work: () => Promise<T>): Promise<T | 'SLOT_TAKEN'> {
  await client.query('SAVEPOINT slot');
  try {
    const result = await work();
    await client.query('RELEASE SAVEPOINT slot');
    return result;
  } catch (error) {
    if (!isRefusal(error, '23P01')) throw error;
    await client.query('ROLLBACK TO SAVEPOINT slot');
    return 'SLOT_TAKEN';
  }
}

function isRefusal(error: unknown, code: string): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === code;
}
