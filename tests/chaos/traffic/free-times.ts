import { instantOfWall } from '@switchboard/domain/periods/zone';
import type { Random } from '@switchboard/testkit/simulate/random';
import type { World } from './world.ts';

/** A practitioner's hours on one weekday, minutes of the day. */
interface Hours {
  practitioner: string;
  weekday: number;
  starts: number;
  ends: number;
}

/** A time that a practitioner may be free at. */
export interface Wish {
  practitioner_id: string;
  /** RFC 3339 with offset. */
  start: string;
}

const dayMs = 86_400_000;
const minuteMs = 60_000;
const slotMinutes = 20;
const zone = 'Asia/Kolkata';
const days = 40;

/** Wishes for times within practitioners' hours, in the weeks to come; the same one is wished for more than once. */
export async function createWishes({ stores, running }: World, random: Random): Promise<() => Wish> {
  const { rows } = await stores.postgres.query<Hours>(
    `SELECT practitioner_id AS practitioner, weekday::int AS weekday,
       (extract(epoch FROM starts) / 60)::int AS starts, (extract(epoch FROM ends) / 60)::int AS ends
     FROM practitioner_schedules WHERE tenant_id = $1 ORDER BY practitioner_id, weekday, starts`,
    [running.demo.tenant],
  );
  const today = Math.floor(Date.now() / dayMs) * dayMs;
  return () => {
    for (;;) {
      const day = today + random.between(2, days) * dayMs;
      // 1970-01-01 was a Thursday; Monday is 1.
      const weekday = ((day / dayMs + 3) % 7) + 1;
      const hours = random.pick(rows);
      if (hours.weekday !== weekday) continue;
      const slots = Math.floor((hours.ends - hours.starts) / slotMinutes) - 1;
      const wall = day + (hours.starts + random.between(0, slots) * slotMinutes) * minuteMs;
      return {
        practitioner_id: hours.practitioner,
        start: new Date(instantOfWall(wall, zone)).toISOString(),
      };
    }
  };
}
