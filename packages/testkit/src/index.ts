export { type Engines, enginesSchema } from './engines.ts';
export { type Stack, type StackOptions, startStack } from './stack.ts';
