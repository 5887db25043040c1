import { sql } from 'slonik';
import { expect, vi } from 'vitest';
import { z } from 'zod';
import type { TestPlatform } from './platform.ts';

/** Position of the newest event, once the relay has given one to everything that is committed. */
export async function settledHead({ base }: TestPlatform): Promise<number> {
  const waiting = sql.type(z.object({ waiting: z.boolean() }))`select exists (select from event_log.unsequenced) as waiting`;
  await vi.waitUntil(async () => !(await base.pool.oneFirst(waiting)), { timeout: 30_000 });
  return base.log.head();
}

/** After bad input: the event log has not moved since `head`, and every role of the platform answers. */
export async function expectUntouched({ base, url }: TestPlatform, head: number): Promise<void> {
  expect(await base.log.sequence(1000)).toEqual([]);
  expect(await base.log.head()).toBe(head);
  const answer = await fetch(`${url}/api/v1/services/health`);
  const health = (await answer.json()) as { services: { name: string; status: string }[] };
  expect(health.services.filter(({ status }) => status !== 'up')).toEqual([]);
  expect(health.services.map(({ name }) => name)).toEqual(expect.arrayContaining(['commands', 'relay', 'projector', 'executor', 'scheduler']));
}
