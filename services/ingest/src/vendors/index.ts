import { createRetellAdapter } from './retell.ts';
import { createVapiAdapter } from './vapi.ts';
import type { VendorAdapter } from './vendor.ts';
import { createZoiceAdapter } from './zoice.ts';

/** Vendor of a webhook that names none. */
export const defaultVendor = 'zoice';

/** Every vendor's adapter by its name. */
export function createVendors(): ReadonlyMap<string, VendorAdapter> {
  const adapters = [createZoiceAdapter(), createVapiAdapter(), createRetellAdapter()];
  return new Map(adapters.map((adapter) => [adapter.name, adapter]));
}
