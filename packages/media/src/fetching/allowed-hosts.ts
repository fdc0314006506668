/** Whether files may be fetched from a host. */
export type HostRule = (host: string) => boolean;

const label = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const pattern = new RegExp(`^(?:\\*\\.)?${label}(?:\\.${label})+$`);

/** Whether this names a host, or with `*.` all below one; in small letters. A whole top-level domain is none. */
export function isHostPattern(text: string): boolean {
  return text.length <= 253 && pattern.test(text) && !/^\*\.[^.]+$/.test(text);
}

/** Allows the hosts that any of these names: `cdn.example.com` itself, or with `*.example.com` each below it. */
export function allowHosts(patterns: readonly string[]): HostRule {
  const exact = new Set(patterns.filter((one) => !one.startsWith('*.')));
  const endings = patterns.filter((one) => one.startsWith('*.')).map((one) => one.slice(1));
  return (host) => exact.has(host) || endings.some((ending) => host.endsWith(ending));
}
