import { SwitchboardError } from '@switchboard/platform';
import { RequestProblem } from '@switchboard/platform/problem';
import type { Client } from '@switchboard/postgres';
import { replaceWebhookSecret } from '@switchboard/postgres/api/settings';

/** As `replaceWebhookSecret`. @throws RequestProblem 409 when too many are in force */
export async function storeSecret(
  client: Client,
  tenantId: string,
  secret: Parameters<typeof replaceWebhookSecret>[2],
): Promise<void> {
  try {
    await replaceWebhookSecret(client, tenantId, secret);
  } catch (error) {
    if (error instanceof SwitchboardError && error.code === 'too_many_secrets')
      throw new RequestProblem(409, error.code, 'Too many secrets of this kind are still in force.');
    throw error;
  }
}
