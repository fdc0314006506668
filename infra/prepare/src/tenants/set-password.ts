import { hashPassword, randomPassword, SwitchboardError } from '@switchboard/platform';
import { type Pool, withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { changeUser, listUsers } from '@switchboard/postgres/api/users';
import { findTenant } from './find-tenant.ts';

export interface SetPasswordOptions {
  slug: string;
  email: string;
  /** One is made unless given. */
  password: string | undefined;
}

/**
 * Gives an account another password, and ends its sessions: for an owner whom nobody of the clinic can let in.
 * @returns the password that was made, to be shown once
 * @throws SwitchboardError `tenant_unknown` `user_unknown`
 */
export async function setPassword(pool: Pool, options: SetPasswordOptions): Promise<string | undefined> {
  const { tenant_id: tenantId } = await findTenant(pool, options.slug);
  const made = options.password === undefined ? randomPassword() : undefined;
  const passwordHash = await hashPassword(options.password ?? made ?? '');
  await withTenant(pool, tenantId, async (client) => {
    const user = (await listUsers(client, tenantId)).find(({ email }) => email === options.email);
    if (!user)
      throw new SwitchboardError('user_unknown', `nobody of ${options.slug} logs in with this mail address`);
    await changeUser(client, tenantId, user.id, { passwordHash });
    await writeAudit(client, {
      tenantId,
      actorKind: 'system',
      actorId: 'tenant-command',
      action: 'user.reset_password',
      entityKind: 'user',
      entityId: user.id,
      requestId: '',
    });
  });
  return made;
}
