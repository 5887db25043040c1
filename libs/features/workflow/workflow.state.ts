import type { Command, CommandOf, EventOf } from '@agent-platform/contracts/kit/index';
import type { WorkflowDefinition } from '@agent-platform/contracts/workflow/definition';
import type { workflowContract } from '@agent-platform/contracts/workflow/workflow.contract';
import { EMPTY_DEFINITION } from './workflow.document.ts';

type PublicCommand = CommandOf<typeof workflowContract>;
type PublishData = Extract<PublicCommand, { type: 'workflow.publish' }>['data'];

/** What `prepare` found for workflow.publish: the definition of the version it names. */
export interface PreparedPublish extends PublishData {
  readonly definition?: WorkflowDefinition;
}

export type WorkflowCommand = Exclude<PublicCommand, { type: 'workflow.publish' }> | Command<'workflow.publish', PreparedPublish>;
export type WorkflowEvent = EventOf<typeof workflowContract>;

export interface WorkflowFields {
  readonly code: string | null;
  readonly name: string;
  readonly description: string | null;
  readonly app_id: string | null;
}

/** What the state keeps of a version: where its definition lies, not the definition. */
export interface VersionPlace {
  readonly number: number;
  /** Version, in this stream, of the event that holds the definition. */
  readonly stream_version: number;
  readonly content_hash: string;
}

export interface WorkflowState {
  readonly status: 'none' | 'draft' | 'published' | 'deleted';
  readonly fields: WorkflowFields;
  /** The newest definition that was saved, as a draft or as a version. */
  readonly draft: WorkflowDefinition;
  readonly versions: Readonly<Record<string, VersionPlace>>;
  /** Id of the newest version. */
  readonly newest: string | null;
  readonly published: { readonly version_id: string; readonly number: number; readonly definition_version: number } | null;
  /** Version of the stream: how many events were folded. */
  readonly stream_version: number;
}

export const initialWorkflow: WorkflowState = {
  status: 'none',
  fields: { code: null, name: '', description: null, app_id: null },
  draft: EMPTY_DEFINITION,
  versions: {},
  newest: null,
  published: null,
  stream_version: 0,
};

export function evolveWorkflow(before: WorkflowState, event: WorkflowEvent): WorkflowState {
  const state = { ...before, stream_version: before.stream_version + 1 };
  switch (event.type) {
    case 'workflow.created': {
      const { definition, type: _, ...fields } = event.data;
      return { ...state, status: 'draft', fields, draft: definition };
    }
    case 'workflow.updated': {
      const { fields, draft } = state;
      const { code = fields.code, name = fields.name, description = fields.description, app_id = fields.app_id, definition = draft } = event.data;
      return { ...state, fields: { code, name, description, app_id }, draft: definition };
    }
    case 'workflow.deleted':
      return { ...state, status: 'deleted' };
    case 'workflow.version_created': {
      const { version_id, number, definition, content_hash } = event.data;
      const place = { number, stream_version: state.stream_version, content_hash };
      return { ...state, draft: definition, newest: version_id, versions: { ...state.versions, [version_id]: place } };
    }
    case 'workflow.published':
      return { ...state, status: 'published', published: event.data };
  }
}
