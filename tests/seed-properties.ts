import fc from 'fast-check';

/** `FC_SEED` is a number, or `random`: each property then draws a seed of its own, which its failure tells. */
const { FC_SEED } = process.env;
if (FC_SEED !== 'random') fc.configureGlobal({ seed: FC_SEED ? Number(FC_SEED) : 1 });
