import { SwitchboardError } from '@switchboard/platform';

export function objectMissing(cause?: unknown): SwitchboardError {
  return new SwitchboardError('object_missing', 'a stored file is not in the object store', { cause });
}

export function storeUnavailable(cause: unknown): SwitchboardError {
  return new SwitchboardError(
    'object_store_unavailable',
    'the store of recordings and media does not answer',
    {
      retryable: true,
      cause,
    },
  );
}

/** @throws SwitchboardError `object_key_invalid` for what could lead out of the store */
export function requireKey(key: string): string {
  if (/^[a-z0-9-]+(?:\/[a-z0-9-]+)*$/.test(key)) return key;
  throw new SwitchboardError(
    'object_key_invalid',
    'a key of the object store has letters, digits, - and / alone',
  );
}
