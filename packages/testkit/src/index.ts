export type { Engines } from './engines.ts';
export { type Stack, startStack } from './stack.ts';
