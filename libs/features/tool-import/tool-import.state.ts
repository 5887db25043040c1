import type { Command, CommandOf, EventOf } from '@agent-platform/contracts/kit/index';
import type { toolImportContract } from '@agent-platform/contracts/tool-import/tool-import.contract';
import type { Secrets } from '@agent-platform/kernel/secrets';
import type { EffectNode, NodeEnd } from '@agent-platform/nodes/node';

/** What fetching a document needs from elsewhere: a document is fetched as a tool is called. */
export interface FetchContext {
  /** The node type `tool`. */
  readonly node: EffectNode;
  readonly secrets: Secrets | undefined;
  readonly secretOf: (name: string) => Promise<string | null>;
}

type ExecutorCommand =
  | Command<'tool_import.advance', { readonly context: FetchContext }>
  | Command<'tool_import.recover', Record<string, never>>
  | Command<'tool_import.record', { readonly fetch: number; readonly outcome: NodeEnd }>;

export type RunImport = CommandOf<typeof toolImportContract>;
export type ToolImportCommand = RunImport | ExecutorCommand;
export type ToolImportEvent = EventOf<typeof toolImportContract>;
type Of<T extends ToolImportEvent['type']> = Extract<ToolImportEvent, { type: T }>['data'];
export type Imported = Of<'tool_import.imported'>;
export type Requested = Of<'tool_import.requested'>;

export interface ToolImportState {
  readonly status: 'none' | 'requested' | 'fetching' | 'imported' | 'failed';
  /** How often something was imported. */
  readonly number: number;
  /** How often something was fetched. */
  readonly fetch: number;
  /** Digest of each tool that was ever imported, by its code. */
  readonly digests: Readonly<Record<string, string>>;
  readonly last: Imported | null;
  readonly requested: Requested | null;
  readonly started: Of<'tool_import.fetch_started'> | null;
  readonly error: Of<'tool_import.fetch_failed'>['error'] | null;
}

export const initialToolImport: ToolImportState = {
  status: 'none',
  number: 0,
  fetch: 0,
  digests: {},
  last: null,
  requested: null,
  started: null,
  error: null,
};

export function evolveToolImport(state: ToolImportState, event: ToolImportEvent): ToolImportState {
  switch (event.type) {
    case 'tool_import.requested':
      return { ...state, status: 'requested', requested: event.data, error: null };
    case 'tool_import.fetch_started':
      return { ...state, status: 'fetching', fetch: event.data.fetch, started: event.data };
    case 'tool_import.fetch_failed':
      return { ...state, status: 'failed', error: event.data.error };
    case 'tool_import.imported': {
      const { data } = event;
      const digests = { ...state.digests, ...Object.fromEntries(data.tools.map(({ code, digest }) => [code, digest])) };
      const requested = data.fetch === undefined ? null : state.requested;
      return { ...state, status: 'imported', number: data.number, digests, last: data, requested, error: null };
    }
  }
}
