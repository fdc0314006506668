export { readExample } from '../release.ts';
