import { workflowContract } from '@agent-platform/contracts/workflow/workflow.contract';
import { defineFeature, type Feature, type Reservation } from '@agent-platform/kernel/index';
import type { NodeRegistry } from '@agent-platform/nodes/node';
import { createWorkflowDecider } from './workflow.decider.ts';
import { preparePublish } from './workflow.prepare.ts';
import { workflowProjection } from './workflow.projection.ts';
import { workflowQueries } from './workflow.queries.ts';
import { sealDocument } from './workflow.secrets.ts';
import type { WorkflowCommand, WorkflowEvent, WorkflowState } from './workflow.state.ts';
import { workflowAnswer, workflowView } from './workflow.view.ts';

export { validateRequest } from './workflow.validate.ts';
export type { WorkflowCommand, WorkflowEvent, WorkflowState };

/** Workflows: a draft, versions that never change, and the published one. `nodes` are the node types that may be published. */
export const createWorkflowFeature = ({ nodes }: { readonly nodes: NodeRegistry }): Feature<WorkflowState, WorkflowCommand, WorkflowEvent> =>
  defineFeature({
    contract: workflowContract,
    decider: createWorkflowDecider(nodes),
    view: workflowView,
    answer: workflowAnswer,
    prepare: {
      'workflow.create': sealDocument,
      'workflow.update': sealDocument,
      'workflow.create_version': sealDocument,
      'workflow.publish': preparePublish,
    },
    reservations(event, before): readonly Reservation[] {
      const { code } = before.fields;
      switch (event.type) {
        case 'workflow.created':
          return take(event.data.code);
        case 'workflow.updated':
          return event.data.code === undefined ? [] : [...give(code), ...take(event.data.code)];
        case 'workflow.deleted':
          return give(code);
        case 'workflow.version_created':
          return [{ scope: 'workflow_version', key: event.data.version_id }];
        case 'workflow.published':
          return [];
      }
    },
    projections: [workflowProjection],
    queries: workflowQueries,
  });

const take = (code: string | null): Reservation[] => (code === null ? [] : [{ scope: 'workflow_code', key: code }]);
const give = (code: string | null): Reservation[] => take(code).map((held) => ({ ...held, release: true }));
