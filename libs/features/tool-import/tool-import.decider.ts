import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { type Decider, type Decision } from '@agent-platform/kernel/index';
import { sealRequest } from '@agent-platform/nodes/request-secrets';
import { requestWithMarks } from '@agent-platform/nodes/secret-marks';
import {
  evolveToolImport,
  initialToolImport,
  type Requested,
  type ToolImportCommand,
  type ToolImportEvent,
  type ToolImportState,
} from './tool-import.state.ts';
import { importOf, isRejection } from './tool-import.tools.ts';

type Of<T extends ToolImportCommand['type']> = Extract<ToolImportCommand, { type: T }>;

/** A document that kills its executor must not do so for ever. */
const MAX_RECOVERIES = 5;
const FETCH_SECONDS = 30;

function decide(command: ToolImportCommand, state: ToolImportState): Decision<ToolImportEvent> {
  switch (command.type) {
    case 'tool_import.run':
      return run(command, state);
    case 'tool_import.advance':
      return state.status === 'requested' && state.requested ? [begin(command, state.requested, state.fetch + 1)] : [];
    case 'tool_import.recover':
      return state.status === 'fetching' ? [again(state)] : [];
    case 'tool_import.record':
      return state.status === 'fetching' && command.data.fetch === state.fetch ? [ended(command, state)] : [];
  }
}

function run({ data, meta }: Of<'tool_import.run'>, state: ToolImportState): Decision<ToolImportEvent> {
  const { document_url, document_headers, base_url, headers, operations, check_outputs } = data;
  if (document_url === undefined) {
    const imported = importOf(data, meta, state);
    if (imported === null) return [];
    return isRejection(imported) ? imported : [{ type: 'tool_import.imported', data: imported }];
  }
  const requested: Requested = {
    document_url,
    ...(document_headers && { document_headers }),
    ...(base_url !== undefined && { base_url }),
    ...(headers && { headers }),
    ...(operations && { operations }),
    ...(check_outputs !== undefined && { check_outputs }),
  };
  const under = state.status === 'requested' || state.status === 'fetching';
  return under && isDeepStrictEqual(requested, state.requested) ? [] : [{ type: 'tool_import.requested', data: requested }];
}

/** A document is fetched as a tool is called: the same guard, secrets, limits and errors. */
function begin({ data: { context }, meta }: Of<'tool_import.advance'>, { document_url, document_headers = {} }: Requested, fetch: number): ToolImportEvent {
  const { workspace_id, stream_id } = meta;
  const headers = { accept: 'application/json, application/yaml, text/yaml, */*;q=0.1', ...document_headers };
  const config = context.node.config.safeParse({ url: document_url, headers, timeout_seconds: FETCH_SECONDS });
  const [issue] = config.error?.issues ?? [];
  if (issue) return lost(fetch, { code: 'config-invalid', message: `document_url: ${issue.message}` });
  const scope = { input: {}, state: {}, nodes: {}, current: { node_id: 'import' }, run: { id: stream_id, workspace_id }, now: meta.now };
  const request = requestWithMarks(context.node, config.data, scope);
  if (isFailed(request)) return lost(fetch, request.failed);
  const sealed = sealRequest(request, workspace_id, context.secrets);
  if ('failed' in sealed) return lost(fetch, sealed.failed);
  return { type: 'tool_import.fetch_started', data: { fetch, key: `${workspace_id}/tool_import/${stream_id}/${fetch}`, request: sealed.recorded } };
}

type Lost = { readonly code: string; readonly message: string };
const isFailed = (request: object | string | number | boolean | null): request is { readonly failed: Lost } =>
  typeof request === 'object' && request !== null && 'failed' in request;

const lost = (fetch: number, { code, message }: Lost): ToolImportEvent => ({ type: 'tool_import.fetch_failed', data: { fetch, error: { code, message } } });

/** Its executor died: reading again does no harm. */
function again({ fetch, started }: ToolImportState): ToolImportEvent {
  const recovered = (started?.recovered ?? 0) + 1;
  if (started && recovered <= MAX_RECOVERIES) return { type: 'tool_import.fetch_started', data: { ...started, recovered } };
  return lost(fetch, { code: 'import-given-up', message: `The import was begun ${MAX_RECOVERIES} times, and every time its process died.` });
}

function ended({ data: { fetch, outcome }, meta }: Of<'tool_import.record'>, state: ToolImportState): ToolImportEvent {
  if (outcome.status === 'failed') return lost(fetch, outcome.error);
  const { response } = outcome.output_json as { readonly response?: JsonObject };
  if (response?.['truncated'] === true)
    return lost(fetch, { code: 'document-too-large', message: 'The document is above 1 MB; give the part of it that you need as "document_text".' });
  const imported = importOf({ ...state.requested, document_text: outcome.output_text ?? '' }, meta, state);
  if (isRejection(imported)) return lost(fetch, imported);
  if (imported) return { type: 'tool_import.imported', data: { ...imported, fetch } };
  // Nothing is news but that it was looked at: the import before, with nothing to do.
  const { last, number } = state;
  const unchanged = (last?.unchanged ?? 0) + (last?.tools.length ?? 0);
  return {
    type: 'tool_import.imported',
    data: { ...(last ?? { title: '', document_version: '', removed: [], skipped: [] }), number, fetch, tools: [], unchanged },
  };
}

export const toolImportDecider: Decider<ToolImportState, ToolImportCommand, ToolImportEvent> = { initial: initialToolImport, decide, evolve: evolveToolImport };

/** The import as commands answer it. */
export function toolImportView({ status, last, requested, error }: ToolImportState, id: string): JsonObject | null {
  if (status === 'none') return null;
  const { title = '', document_version = '', number = 0, tools = [], unchanged = 0, removed = [], skipped = [] } = last ?? {};
  const shown = status === 'requested' ? 'fetching' : status;
  const document_url = requested?.document_url ?? null;
  return { id, status: shown, document_url, error, title, document_version, number, changed: tools.map(({ code }) => code), unchanged, removed, skipped };
}
