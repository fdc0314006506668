import type { VendorAdapter } from './vendor.ts';
import { createZoiceAdapter } from './zoice.ts';

/** Vendor of a webhook that names none. */
export const defaultVendor = 'zoice';

/** Every vendor's adapter by its name. */
export function createVendors(): ReadonlyMap<string, VendorAdapter> {
  const adapters = [createZoiceAdapter()];
  return new Map(adapters.map((adapter) => [adapter.name, adapter]));
}
