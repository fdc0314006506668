export { type Rounds, type RoundsOptions, startRounds } from '@switchboard/platform/rounds';
