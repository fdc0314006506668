import type { UserRow } from '@switchboard/postgres/api/users';
import { z } from 'zod';
import { line } from '../paging/parameters.ts';

const roles = ['owner', 'manager', 'agent', 'analyst'] as const;

/** Long enough that no rule about its letters is needed. */
export const newPassword = z.string().min(12, 'must be 12 characters or longer').max(1_000);

/** Body of `POST /users`. */
export const newUser = z.strictObject({
  email: z.email().max(200).toLowerCase(),
  display_name: line(100),
  role: z.enum(roles),
  password: newPassword
    .optional()
    .describe('Unless given, one is made and shown once, to be handed to the person.'),
});

/** Body of `PATCH /users/{id}`. */
export const userChange = z
  .strictObject({
    display_name: line(100).optional(),
    role: z.enum(roles).optional(),
    status: z.enum(['active', 'disabled']).optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    error: 'must be one field or more',
  });

export const user = z.object({
  id: z.string(),
  email: z.string(),
  display_name: z.string(),
  role: z.enum(roles),
  status: z.enum(['active', 'disabled']),
  created_at: z.string(),
  updated_at: z.string(),
});

export const userList = z.object({ users: z.array(user) });

export const createdUser = user.extend({
  initial_password: z
    .string()
    .nullable()
    .describe(
      'Shown this once; null where the request had one. The person changes it after the first login.',
    ),
});

export function presentUser(row: UserRow): z.infer<typeof user> {
  return {
    id: row.id,
    email: row.email,
    display_name: row.display_name,
    role: row.role,
    status: row.status,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
