export { loadSchema, phiPaths, type TopicName, topicNames } from './load.ts';
export type * from './types.ts';
