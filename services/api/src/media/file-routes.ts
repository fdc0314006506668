import type { FileStore } from '@switchboard/media/file-store';
import { RequestProblem } from '@switchboard/platform/problem';
import type { Pool } from '@switchboard/postgres';
import type { FastifyRequest } from 'fastify';
import { may } from '../auth/caller.ts';
import { type Allow, callerOf } from '../plugins/authenticate.ts';

/** What routes that give out recordings and media need. */
export interface FileRoutesOptions {
  pool: Pool;
  allow: Allow;
  files: FileStore;
}

/** A voice, a face or a letter can't be redacted. @throws RequestProblem 403 for those who see no PHI */
export async function requirePhi(request: FastifyRequest): Promise<void> {
  if (!may(callerOf(request), 'phi'))
    throw new RequestProblem(403, 'not_allowed', 'Your role may not hear or see what patients sent.');
}
