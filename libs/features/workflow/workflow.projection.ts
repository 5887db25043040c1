import { readFileSync } from 'node:fs';
import { workflowContract } from '@agent-platform/contracts/workflow/workflow.contract';
import type { WorkflowDefinition } from '@agent-platform/contracts/workflow/definition';
import { given, type LoggedEvent, type Projection, type RowChange } from '@agent-platform/kernel/index';
import type { WorkflowEvent } from './workflow.state.ts';

type Typed = WorkflowEvent & LoggedEvent;

/** Tables `workflows` and `workflow_versions`. Versions outlive their workflow: runs of them go on. */
export const workflowProjection: Projection = {
  name: 'workflow',
  version: 1,
  sql: readFileSync(new URL('./workflow.sql', import.meta.url), 'utf8'),
  events: Object.keys(workflowContract.events),
  project,
};

const draft = ({ nodes, edges }: WorkflowDefinition) => ({ nodes, edges });

function project(event: Typed): readonly RowChange[] {
  const { workspace_id, stream_id, version, time } = event;
  const workflow = { table: 'workflows', key: { workspace_id, id: stream_id } };
  const touched = { version, updated_at: time };
  switch (event.type) {
    case 'workflow.created': {
      const { definition, ...fields } = event.data;
      return [{ ...workflow, set: { ...fields, ...draft(definition), status: 'draft', ...touched, created_at: time } }];
    }
    case 'workflow.updated': {
      const { definition, ...fields } = event.data;
      return [{ ...workflow, set: { ...given(fields), ...(definition && draft(definition)), ...touched } }];
    }
    case 'workflow.deleted':
      return [{ ...workflow, remove: true }];
    case 'workflow.version_created': {
      const { version_id, ...data } = event.data;
      const latest = { ...draft(data.definition), latest_version_id: version_id, latest_number: data.number };
      return [
        { ...workflow, set: { ...latest, ...touched } },
        { table: 'workflow_versions', key: { workspace_id, id: version_id }, set: { workflow_id: stream_id, ...data, ...touched, created_at: time } },
      ];
    }
    case 'workflow.published': {
      const { version_id, number } = event.data;
      return [
        { ...workflow, set: { status: 'published', published_version_id: version_id, published_number: number, ...touched } },
        { table: 'workflow_versions', key: { workspace_id, id: version_id }, set: { published_at: time, ...touched } },
      ];
    }
  }
}
