import type { ListResourcesResult, ListResourceTemplatesResult, ReadResourceResult, ResourceLink } from '@modelcontextprotocol/server';
import { Id } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import { readPage } from '@agent-platform/runtime/read';
import type { Gateway } from '../gateway.ts';
import { find, locate, notFound } from './called.ts';

export const RUNS = 'agent-platform://runs/';
export const RUN_TEMPLATE = `${RUNS}{run_id}`;
const MIME = 'application/json';
const PAGE = 50;

/** Where a run that goes on can be read. */
export const linkTo = (run_id: string): ResourceLink => ({
  type: 'resource_link',
  uri: `${RUNS}${run_id}`,
  name: `Run ${run_id}`,
  description: 'Where the run is, the people it waits for, and its result when it has one.',
  mimeType: MIME,
});

export const listTemplates = (): ListResourceTemplatesResult => ({
  resourceTemplates: [
    {
      uriTemplate: RUN_TEMPLATE,
      name: 'run',
      title: 'A run',
      description: 'A run of a workflow or a skill, or a call of a tool, as it is now.',
      mimeType: MIME,
    },
  ],
});

/** The newest runs of workflows; those there are more of are found by their ids. */
export async function listRuns(gateway: Gateway, workspaceId: string): Promise<ListResourcesResult> {
  const query = gateway.features.of('run').queries['run.list'];
  if (query?.kind !== 'list') throw new Error('run.list is not a list');
  const { items } = await readPage(gateway.pool, query, workspaceId, { limit: PAGE });
  const resources = items.map(({ id, status, workflow_id }) => ({
    uri: `${RUNS}${String(id)}`,
    name: `Run ${String(id)}`,
    description: `Run of workflow ${String(workflow_id)}, ${String(status)}.`,
    mimeType: MIME,
  }));
  return { resources };
}

/** What `uri` names. Throws Failure('missing') for anything that is no run of this workspace. */
export async function readRun(gateway: Gateway, workspace_id: string, uri: string): Promise<ReadResourceResult> {
  const id = uri.startsWith(RUNS) ? uri.slice(RUNS.length) : '';
  if (!Id.safeParse(id).success) throw new Failure('missing', 'resource-not-found', `There is no resource "${uri.slice(0, 200)}": runs are ${RUNS}<run_id>.`);
  const called = await find(gateway, await locate(gateway, workspace_id, id));
  if (!called) throw notFound(id, workspace_id);
  return { contents: [{ uri, mimeType: MIME, text: JSON.stringify({ ...called.view, open_tasks: called.open_tasks }) }] };
}
