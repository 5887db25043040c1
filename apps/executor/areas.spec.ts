import { expect, test } from 'vitest';
import { createFeatures } from '@agent-platform/features/index';
import type { Ports } from '@agent-platform/ports/index';
import { triggersOf } from '@agent-platform/runtime/area';
import { chooseAreas } from './areas.ts';

const nodes = new Map();
const choose = (...wanted: string[]) => {
  const { chosen, others } = chooseAreas({ AGENT_PLATFORM_FEATURES: wanted }, createFeatures({ nodes }), { nodes, ports: {} as Ports });
  return { chosen: chosen.map(({ name }) => name), others, areas: chosen };
};

test('without a choice everything there is work for', () => {
  expect(choose()).toMatchObject({ chosen: expect.arrayContaining(['run', 'human_task']), others: [] });
});

test('an area is what a feature advances and reacts to, and nothing of another', () => {
  const { areas, others } = choose('human_task');
  expect(others).toContain('run');
  expect(others).not.toContain('human_task');
  expect(areas.flatMap(triggersOf)).toEqual([{ category: 'job', type: 'job.due' }]);
  const run = choose('run').areas.flatMap(triggersOf);
  expect(run).toEqual(
    expect.arrayContaining([
      { category: 'run', type: 'run.created' },
      { category: 'run', type: 'run.failed' },
    ]),
  );
  expect(new Set(run.map(({ category, type }) => `${category}/${type}`)).size).toBe(run.length);
});

test('a name that is none is refused, with those that there are', () => {
  expect(() => choose('run', 'runs', 'app')).toThrow(
    /AGENT_PLATFORM_FEATURES: "runs", "app": nothing for an executor to do; there are run, human_task.*\. What an executor works on/,
  );
});
