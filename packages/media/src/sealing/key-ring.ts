import { createHmac, randomBytes } from 'node:crypto';
import { createSealer, SwitchboardError } from '@switchboard/platform';

/** A file's own key, sealed by the master key that `keyId` names. */
export interface SealedKey {
  keyId: string;
  sealedKey: Buffer;
}

/** Master keys: one seals, all open. */
export interface KeyRing {
  /** Of the master key that seals. */
  currentId: string;
  /** A new file's key. */
  createKey(): SealedKey & { key: Buffer };
  /** @throws SwitchboardError `key_unknown`: the master key is none of the settings' */
  open(sealed: SealedKey): Buffer;
  /** The same key under the master key that seals now: the file stays as it is. */
  reseal(sealed: SealedKey): SealedKey;
}

/** @param current 32 bytes  @param old master keys that sealed before */
export function createKeyRing(current: Buffer, old: readonly Buffer[] = []): KeyRing {
  const sealers = new Map([...old, current].map((key) => [idOf(key), createSealer(key)] as const));
  const sealer = createSealer(current);
  const currentId = idOf(current);
  const open = ({ keyId, sealedKey }: SealedKey) => {
    const opener = sealers.get(keyId);
    if (!opener)
      throw new SwitchboardError(
        'key_unknown',
        `no key of the settings is ${keyId}, which sealed a file's key`,
      );
    return opener.open(sealedKey);
  };
  return {
    currentId,
    createKey() {
      const key = randomBytes(32);
      return { key, keyId: currentId, sealedKey: sealer.seal(key) };
    },
    open,
    reseal: (sealed) => ({ keyId: currentId, sealedKey: sealer.seal(open(sealed)) }),
  };
}

/** Names a key and tells nothing of it. */
function idOf(key: Buffer): string {
  return createHmac('sha256', key).update('switchboard master key of files').digest('hex').slice(0, 16);
}
