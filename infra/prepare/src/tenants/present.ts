import type { TenantQuotas } from '@switchboard/postgres/tenancy/quotas';
import type { TenantRow } from '@switchboard/postgres/tenancy/tenants';
import type { CreatedTenant } from './create-tenant.ts';
import type { showTenant } from './show-tenant.ts';

/** What was made, with each secret this once. */
export function presentCreated(created: CreatedTenant): string {
  const { id, slug, isNew, owner, numbers, webhookSecret, apiKeys } = created;
  const isWhole = isNew || owner || webhookSecret || numbers.length > 0 || apiKeys.length > 0;
  if (!isWhole)
    return `The clinic ${slug} (${id}) is there with all that was asked for; nothing was changed.
Passwords and keys are shown once, when they are made. Another password: npm run tenant -- password --slug ${slug} --email …`;
  const rows = [
    ['Id', id],
    ['Webhooks', `POST /api/v1/voice/webhook/${slug} of ingest`],
    ...numbers.map(({ channel, number }) => ['Number', `${number} (${channel})`]),
    ...(webhookSecret ? [['Webhook secret', webhookSecret]] : []),
    ...(owner
      ? [['Login', `${owner.email}    password ${owner.password ?? 'as given on standard input'}`]]
      : []),
    ...apiKeys.map(({ name, scopes, key }) => [`Key: ${name}`, `${key}    (${scopes.join(', ')})`]),
  ];
  return `${isNew ? `The clinic ${slug} is made.` : `The clinic ${slug} was there; this was missing and is made.`}

${rows.map(([name = '', value]) => `  ${name.padEnd(20)} ${value}`).join('\n')}

Secrets are shown this once. Ingest knows the clinic within 30 s.`;
}

export function presentList(tenants: readonly TenantRow[]): string {
  if (tenants.length === 0) return 'There is no clinic yet: npm run tenant -- create …';
  const rows = tenants.map((one) => [
    one.slug,
    one.name,
    one.status,
    one.time_zone,
    one.country,
    one.created_at.toISOString().slice(0, 10),
    one.tenant_id,
  ]);
  const all = [['slug', 'name', 'status', 'time zone', 'country', 'made', 'id'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function presentShown(shown: Awaited<ReturnType<typeof showTenant>>): string {
  const until = (end: string | null) => (end === null ? '' : `, until ${end}`);
  const rows = [
    ['Id', shown.id],
    ['Name', `${shown.name} (${shown.status})`],
    ['Time zone', `${shown.time_zone}, ${shown.country}`],
    ['Made', shown.created_at],
    ['Webhooks', `/api/v1/voice/webhook/${shown.slug}, signed ${shown.webhook_modes.join(', ')}`],
    ...shown.webhook_secrets.map(({ kind, not_after }) => ['Webhook secret', `${kind}${until(not_after)}`]),
    ...quotaRows(shown.quotas).map((text) => ['Quota', text]),
    ...shown.numbers.map(({ number, channel }) => ['Number', `${number} (${channel})`]),
    ...shown.owners.map(({ email, display_name, status }) => [
      'Owner',
      `${display_name}, ${email} (${status})`,
    ]),
    ...shown.api_keys.map(({ prefix, name, scopes, expires_at, revoked_at }) => [
      'API key',
      `${prefix}… ${name} (${scopes.join(', ')})${revoked_at === null ? until(expires_at) : `, revoked ${revoked_at}`}`,
    ]),
  ];
  return [shown.slug, '', ...rows.map(([name = '', value]) => `  ${name.padEnd(16)} ${value}`)].join('\n');
}

export function presentQuotas(quotas: TenantQuotas): string {
  return `${quotaRows(quotas).join('\n')}

In force within 30 s.`;
}

function quotaRows(quotas: TenantQuotas): string[] {
  const rows = [
    [quotas.events_per_minute, 'calls a minute, and as many messages'],
    [quotas.records_per_minute, 'events of its system a minute'],
    [quotas.requests_per_minute, 'requests to the API a minute'],
  ] as const;
  return rows.map(([limit, what]) => `${limit ?? 'as the settings say for all:'} ${what}`);
}
