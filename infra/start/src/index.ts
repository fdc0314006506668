export { webhookCommand } from './banner.ts';
export type { EngineName } from './chosen.ts';
export { demoClinic } from './demo-clinic.ts';
export type { Demo } from './demo-file.ts';
export type { Ports } from './ports.ts';
export { demoTenantId, seedClinic } from './seed-clinic.ts';
export { type ServiceName, serviceNames } from './services.ts';
export { type Switchboard, startSwitchboard } from './start.ts';
export type { ProcessName } from './start-processes.ts';
