import { z } from 'zod';
import { nodeError } from '../outcome.ts';
import { defineBuiltin } from './builtin.ts';

export const currentTime = defineBuiltin({
  description: 'Tells the date and time of now, in a time zone like "Europe/Berlin".',
  input: z.strictObject({ time_zone: z.string().min(1).max(64).default('UTC') }),
  writes: false,
  repeatable: () => true,
  answer({ time_zone }, now) {
    if (now === null) return { failed: nodeError('time-unknown', 'The time of this run is not known.') };
    const parts = partsOf(new Date(now), time_zone);
    if (!parts) return { failed: nodeError('time-zone-unknown', `input.time_zone: "${time_zone}" is no time zone; write one like "UTC" or "Europe/Berlin".`) };
    const local = `${parts['year']}-${parts['month']}-${parts['day']} ${parts['hour']}:${parts['minute']}:${parts['second']}`;
    return { value: { iso: now, unix: Math.floor(Date.parse(now) / 1000), time_zone, local, weekday: parts['weekday'] ?? '' }, text: `${local} ${time_zone}` };
  },
});

function partsOf(instant: Date, timeZone: string): Readonly<Record<string, string>> | null {
  try {
    const two = '2-digit';
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'long',
      year: 'numeric',
      month: two,
      day: two,
      hour: two,
      minute: two,
      second: two,
      hourCycle: 'h23',
    });
    return Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  } catch {
    // The only thing that can be wrong is the name of the zone.
    return null;
  }
}
