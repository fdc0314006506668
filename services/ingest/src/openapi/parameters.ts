/** Parameters of a webhook's path, where it names a clinic. */
export function tenantPath(url: string): Record<string, object> | undefined {
  if (!url.includes(':tenant')) return undefined;
  return {
    tenant: { type: 'string', description: 'Id or short name of the clinic; without it the default one.' },
  };
}
