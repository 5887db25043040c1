import { type Effect, type Executor, type Lookup, toFailure } from '@agent-platform/kernel/index';
import type { EffectNode, NodeEnd } from '@agent-platform/nodes/node';
import { performRecorded } from '@agent-platform/nodes/recorded.request';
import type { Ports } from '@agent-platform/ports/index';
import type { FetchContext, ToolImportCommand, ToolImportEvent, ToolImportState } from './tool-import.state.ts';

type Wanted = Pick<ToolImportCommand, 'type' | 'data'>;
type Started = Extract<ToolImportEvent, { type: 'tool_import.fetch_started' }>['data'];
interface Asked {
  readonly started: Started;
  readonly context: FetchContext;
}

const TIMEOUT_MS = 35_000;

/** What fetching needs from elsewhere, given from outside: features do not know each other. */
export interface ToolImportParts {
  /** The node type `tool`. */
  readonly node: EffectNode;
  readonly ports: Ports;
  readonly secrets: (workspaceId: string, name: string, lookup: Lookup) => Promise<string | null>;
}

/** Fetches documents that imports name by their addresses. */
export function createToolImportExecutor({
  node,
  ports,
  secrets,
}: ToolImportParts): Executor<ToolImportState, ToolImportCommand, ToolImportEvent, FetchContext> {
  const unbound = (command: { readonly type: ToolImportCommand['type']; readonly data: object }): Wanted => command as Wanted;
  return {
    category: 'tool_import',
    triggers: [{ category: 'tool_import', type: 'tool_import.requested' }],
    wake: ({ workspace_id, category, stream_id }) => ({ stream: { workspace_id, category, stream_id } }),
    context: async (_state, { workspace_id }, lookup) => ({ node, secrets: lookup.secrets, secretOf: (name) => secrets(workspace_id, name, lookup) }),
    advance: () => unbound({ type: 'tool_import.advance', data: {} }),
    recover: ({ status }) => (status === 'fetching' ? unbound({ type: 'tool_import.recover', data: {} }) : null),
    bind: (command, context) => unbound({ ...command, data: { ...command.data, context } }),
    effect(event, _state, context): Effect | null {
      if (event.type !== 'tool_import.fetch_started') return null;
      return { key: event.data.key, kind: 'tool_import', request: { started: event.data, context } satisfies Asked, timeoutMs: TIMEOUT_MS };
    },
    async perform({ request }, context) {
      const { started, context: with_ } = request as Asked;
      const explain = (error: unknown): NodeEnd => {
        const { code, message } = toFailure(error);
        const late = context.timedOut() ? { code: 'import-timeout', message: 'The document took longer than it may.' } : { code, message };
        return { status: 'failed', error: { ...late, retryable: false } };
      };
      // Nothing that is only read waits for a person.
      const outcome = (await performRecorded(started.request, { ...with_, ports, explain }, context)) as NodeEnd;
      return unbound({ type: 'tool_import.record', data: { fetch: started.fetch, outcome } });
    },
    wanted: ({ status, started }) => new Set(status === 'fetching' && started ? [started.key] : []),
    ended: ({ status }) => status === 'imported' || status === 'failed',
  };
}
