import { fileURLToPath } from 'node:url';
import type { MediaStoreConfig } from '../config.ts';
import { createDirectoryStore } from './directory-store.ts';
import type { ObjectStore } from './object-store.ts';

export type StoreSettings = Pick<
  MediaStoreConfig,
  'RECORDINGS_URL' | 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY' | 'AWS_SESSION_TOKEN' | 'AWS_REGION'
>;

/** The store that the settings choose. Nothing is connected to, and no directory made, before it is used. */
export async function openStore(settings: StoreSettings): Promise<ObjectStore> {
  const { RECORDINGS_URL: address } = settings;
  if (address.startsWith('file:')) return createDirectoryStore(fileURLToPath(address));
  if (!address.startsWith('s3:')) return createDirectoryStore(address);
  const url = new URL(address);
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = settings;
  // Amazon's client is large, and most installations begin with a directory.
  const { createS3Store } = await import('./s3-store.ts');
  return createS3Store({
    bucket: url.hostname,
    prefix: url.pathname.replace(/^\/+|\/+$/g, ''),
    region: url.searchParams.get('region') ?? settings.AWS_REGION,
    endpoint: url.searchParams.get('endpoint') ?? undefined,
    credentials:
      accessKeyId !== undefined && secretAccessKey !== undefined
        ? { accessKeyId, secretAccessKey, sessionToken: settings.AWS_SESSION_TOKEN }
        : undefined,
  });
}
