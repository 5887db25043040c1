import type { Lookup } from '@agent-platform/kernel/index';
import { expect, test } from 'vitest';
import { EMPTY_DEFINITION } from './workflow.document.ts';
import { preparePublish } from './workflow.prepare.ts';
import { initialWorkflow, type WorkflowCommand } from './workflow.state.ts';

const publish = (workflow_version_id?: string) =>
  ({ type: 'workflow.publish', data: { workflow_id: 'w1', workflow_version_id }, meta: { workspace_id: 'acme', stream_id: 'w1' } }) as WorkflowCommand;
const state = { ...initialWorkflow, versions: { v1: { number: 1, stream_version: 2, content_hash: 'h' } } };
const lookup: Lookup = {
  state: async ({ category, stream_id }) => (category === 'workflow' && stream_id === 'w1' ? state : null),
  event: async (_stream, version) => (version === 2 ? ({ data: { definition: EMPTY_DEFINITION } } as unknown as Awaited<ReturnType<Lookup['event']>>) : null),
  holder: async () => null,
};

test('finds the definition of the named version', async () => {
  expect((await preparePublish(publish('v1'), lookup)).data).toMatchObject({ definition: EMPTY_DEFINITION });
});

test('leaves what names no version, or an unknown one, to the decision', async () => {
  const draft = publish();
  expect(await preparePublish(draft, lookup)).toBe(draft);
  const unknown = publish('v9');
  expect(await preparePublish(unknown, lookup)).toBe(unknown);
});
