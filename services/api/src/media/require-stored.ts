import { RequestProblem } from '@switchboard/platform/problem';
import type { FoundMedia } from '@switchboard/postgres/media/find-files';

export type StoredMedia = FoundMedia & { state: 'stored' };

/** What is stored. @throws RequestProblem 404, or 410 where it is kept no longer; `code` says which */
export function requireStored(found: FoundMedia | undefined): StoredMedia {
  switch (found?.state) {
    case 'stored':
      return { ...found, state: 'stored' };
    case 'pending':
      throw new RequestProblem(404, 'file_pending', 'It is still with the vendor. Come again.', {
        headers: { 'retry-after': '10' },
      });
    case 'failed':
      throw new RequestProblem(
        404,
        'file_failed',
        `It could not be fetched from the vendor: ${found.failure}.`,
      );
    case 'expired':
      throw new RequestProblem(410, 'file_expired', 'The clinic no longer keeps it.');
    default:
      throw new RequestProblem(404, 'not_found', 'There is no such file.');
  }
}
