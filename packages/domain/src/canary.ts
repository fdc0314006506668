import { uuidV5 } from './ids.ts';

/** Of the clinic that is none: its calls measure how long an event takes. The same in every installation. */
export const canaryTenantId = uuidV5('switchboard', 'canary');
