import { type ConfigShape, databaseUrl } from '@switchboard/platform';

/** Settings of `npm run audit`. */
export const auditShape = {
  DATABASE_URL: databaseUrl('switchboard_sink', 'Unset: that of the running stack.'),
} satisfies ConfigShape;
