/**
 * Preloaded into a service, `--import`: its clock is off by CHAOS_CLOCK_OFFSET_MS, as another machine's is. Time that is
 * measured (`performance.now`, timers) is not.
 */
const offsetMs = Number(process.env.CHAOS_CLOCK_OFFSET_MS ?? 0);
const right = Date;
const now = () => right.now() + offsetMs;

globalThis.Date = new Proxy(right, {
  construct: (target, parts, newTarget) =>
    Reflect.construct(target, parts.length === 0 ? [now()] : parts, newTarget),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});
