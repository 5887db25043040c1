import { expect } from 'vitest';
import type { TestPlatform } from './platform.ts';

/** After bad input: the event log has not moved since `head`, and every role of the platform answers. */
export async function expectUntouched({ base, url }: TestPlatform, head: number): Promise<void> {
  expect(await base.log.sequence(1000)).toEqual([]);
  expect(await base.log.head()).toBe(head);
  const answer = await fetch(`${url}/api/v1/services/health`);
  const health = (await answer.json()) as { services: { name: string; status: string }[] };
  expect(health.services.filter(({ status }) => status !== 'up')).toEqual([]);
  expect(health.services.map(({ name }) => name)).toEqual(expect.arrayContaining(['commands', 'relay', 'projector', 'executor', 'scheduler']));
}
