import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { builtinNodes } from '@agent-platform/nodes/index';
import type { Ports } from '@agent-platform/ports/index';
import { expect, test } from 'vitest';
import { createExecutors, createFeatures } from './index.ts';
import { Interleavings, type Moment, type Pending } from './testing/interleavings.ts';

/** Whatever ends takes along what it asked for: what is there, what is on its way, and what nobody has recorded yet. */
const nodes = builtinNodes;
const world = new Interleavings(createFeatures({ nodes }), createExecutors({ nodes, ports: {} as Ports }));
const NOTHING: Moment = { log: {}, done: [], pending: [] };
const command = (type: string, data: JsonObject): Pending => ({ does: 'command', command: { type, data }, id: `${type}/${JSON.stringify(data)}` });

/** A workflow of nodes that all begin at once, and skills, published. */
const workflow = (id: string, ...nodes: readonly { type: string; config: JsonObject }[]) => [
  { type: 'workflow.create', data: { workflow_id: id, name: id } },
  {
    type: 'workflow.create_version',
    data: { workflow_id: id, workflow_version_id: `${id}-v1`, nodes: nodes.map((node, index) => ({ id: `n${index}`, ...node })), edges: [] },
  },
  { type: 'workflow.publish', data: { workflow_id: id, workflow_version_id: `${id}-v1` } },
];
const skill = (id: string, runtime_type: string, implementation_json: JsonObject) => [
  { type: 'skill.create', data: { skill_id: id, code: id, name: id } },
  { type: 'skill.create_version', data: { skill_id: id, skill_version_id: `${id}-v1`, status: 'published', runtime_type, implementation_json } },
];
const person = { type: 'human', config: { kind: 'approval', title: 'Well?' } };
const call = { url: 'http://127.0.0.1/', requires_approval: true };
const prepared = await world.after(NOTHING, [
  ...workflow('asking', person),
  ...workflow('approving', { type: 'tool', config: call }),
  ...workflow('failing', person, { type: 'skill', config: { skill_id: 'none' } }),
  ...skill('by-workflow', 'workflow', { workflow_id: 'asking' }),
  ...skill('by-tool', 'tool', { steps: [{ id: 'pay', ...call }] }),
  ...workflow('outer', { type: 'skill', config: { skill_id: 'by-workflow' } }),
  ...workflow('paying', { type: 'skill', config: { skill_id: 'by-tool' } }),
]);

const ENDED = /\.(completed|failed|cancelled|approved|rejected|expired)$/;
const LIVING = /^(run|skill_run|human_task)\//;

test.each([
  ['a run and the person it asks', 'asking', 'human_task'],
  ['a run and the person who approves a call of it', 'approving', 'human_task'],
  ['a run, its skill, and the person who approves a call of that', 'paying', 'skill_run'],
  ['a run, its skill, the workflow run of that, and the person it asks', 'outer', 'run/sr-'],
  ['a run of which a node fails beside, and the person it asks', 'failing', 'human_task'],
])('%s end together, whenever the run is cancelled', async (_, workflow_id, child) => {
  const begun = [command('run.create', { run_id: 'top', workflow_id }), command('run.cancel', { run_id: 'top' })];
  const ends = await world.ends({ ...prepared, pending: begun });
  const open = ends.map(({ log }) =>
    Object.entries(log).flatMap(([stream, events]) => (LIVING.test(stream) && !ENDED.test(events.at(-1)?.type ?? '') ? [stream] : [])),
  );
  // A cancel that comes before its run finds none: then the run goes on until it waits for a person.
  const ended = ends.flatMap(({ log }, index) => (ENDED.test(log['run/top']?.at(-1)?.type ?? '') ? [open[index]] : []));
  expect(ends.some(({ log }) => Object.keys(log).some((stream) => stream.startsWith(child)))).toBe(true);
  expect(ended.length).toBeGreaterThan(3);
  expect(ended.filter((streams) => streams?.length)).toEqual([]);
});
