import { readFileSync } from 'node:fs';
import { runContract } from '@agent-platform/contracts/run/run.contract';
import type { Column, LoggedEvent, Projection, RowChange } from '@agent-platform/kernel/index';
import type { RunEvent } from './run.state.ts';

type Typed = RunEvent & LoggedEvent;
type Columns = Readonly<Record<string, Column>>;

/** Tables `runs` and `node_runs`: one row per run, one per node of it. */
export const runProjection: Projection = {
  name: 'run',
  version: 2,
  sql: readFileSync(new URL('./run.sql', import.meta.url), 'utf8'),
  events: Object.keys(runContract.events),
  project,
};

function project(event: Typed): readonly RowChange[] {
  const run = (set: Columns): RowChange => ({ table: 'runs', key: { workspace_id: event.workspace_id, id: event.stream_id }, set });
  switch (event.type) {
    case 'run.created': {
      const { workflow, app_id, app_version_id, session_id, input, held } = event.data;
      const { workflow_id, workflow_version_id } = workflow;
      const status = held ? 'created' : 'running';
      return [run({ status, workflow_id, workflow_version_id, app_id, app_version_id, session_id, input, created_at: event.time })];
    }
    case 'run.started':
      return [run({ status: 'running' })];
    case 'run.completed':
      return [run({ status: 'completed', output_text: event.data.output_text, output_json: event.data.output_json, ended_at: event.time })];
    case 'run.failed':
      return [run({ status: 'failed', error: event.data.error, ended_at: event.time }), ...cancelled(event)];
    case 'run.cancelled':
      return [run({ status: 'cancelled', ended_at: event.time }), ...cancelled(event)];
    case 'run.signalled':
    case 'node.resolved':
      return [];
    default:
      return [nodeRun(event)];
  }
}

type NodeEvent = Exclude<Typed, { type: `run.${string}` | 'node.resolved' }>;

const nodeRun = (event: NodeEvent): RowChange => nodeRow(event, event.data, nodeColumns(event));

function nodeRow({ workspace_id, stream_id: run_id }: Typed, node: { readonly node_id: string; readonly node_type: string }, set: Columns): RowChange {
  const { node_id, node_type } = node;
  return { table: 'node_runs', key: { workspace_id, run_id, node_id }, set: { id: `${run_id}:${node_id}`, node_type, ...set } };
}

/** Nodes that had not ended when their run did: they end with it. */
const cancelled = (event: Extract<Typed, { type: 'run.failed' | 'run.cancelled' }>): RowChange[] =>
  (event.data.open_nodes ?? []).map((node) => nodeRow(event, node, { status: 'cancelled', attempt: node.attempt, ended_at: event.time }));

function nodeColumns(event: NodeEvent): Columns {
  const { time } = event;
  switch (event.type) {
    case 'node.queued':
      return { status: 'queued', attempt: event.data.attempt ?? 1, queued_at: time };
    case 'node.started':
      return { status: 'running', attempt: event.data.attempt, worker_key: event.actor, request: event.data.request ?? null, started_at: time };
    case 'node.waiting':
      return { status: 'waiting', attempt: event.data.attempt, wait: { ...event.data.wait, due_at: event.data.due_at ?? null } };
    case 'node.completed': {
      const { attempt, output_text, output_json, route } = event.data;
      return { status: 'completed', attempt, output_text, output_json, route: route ?? null, ended_at: time };
    }
    case 'node.failed':
      return { status: 'failed', attempt: event.data.attempt, ...failure(event.data.error), ended_at: time };
    case 'node.retry_scheduled':
      return { status: 'retrying', attempt: event.data.attempt, ...failure(event.data.error), wait: { for: 'timer', due_at: event.data.due_at } };
    case 'node.outcome_unknown':
      return { status: 'unknown', attempt: event.data.attempt };
    case 'node.skipped':
      return { status: 'skipped', attempt: 0, ended_at: time };
  }
}

const failure = (error: { code: string; message: string }) => ({ error_code: error.code, error_message: error.message });
