import type { JsonValue } from '@agent-platform/contracts/kit/index';
import { Failure, type EffectContext } from '@agent-platform/kernel/index';
import type {
  ChatRequest,
  ChatResult,
  CodeOutcome,
  CodeRequest,
  DatabaseAnswer,
  DatabaseQuery,
  HttpRequest,
  HttpResponse,
  KnowledgeAnswer,
  KnowledgeQuery,
  Mail,
  MailReceipt,
  McpAnswer,
  McpCall,
  McpProgress,
  Ports,
} from '@agent-platform/ports/index';
import type { McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import type { EffectNode, NodeOutcome, NodeScope } from '../node.ts';
import { scopeOf } from './scope-of.ts';

export interface Outside {
  readonly http?: (request: HttpRequest) => Partial<HttpResponse>;
  readonly model?: (request: ChatRequest, onToken: (text: string) => void) => ChatResult;
  readonly code?: (request: CodeRequest) => CodeOutcome;
  readonly knowledge?: (query: KnowledgeQuery) => KnowledgeAnswer;
  readonly database?: (query: DatabaseQuery) => DatabaseAnswer;
  readonly mail?: (mail: Mail) => MailReceipt;
  readonly mcp?: (server: McpServerConfig, call: McpCall, onProgress: (progress: McpProgress) => void) => McpAnswer;
  readonly aborted?: boolean;
}

/** What an effect did outside, in order. */
export interface Recorded {
  readonly http: HttpRequest[];
  readonly chats: ChatRequest[];
  readonly live: { readonly topic: string; readonly data: unknown }[];
  readonly commands: { readonly type: string; readonly workspaceId: string; readonly data: unknown; readonly commandId: string }[];
}

export const KEY = 'acme/run-1/here/1';

/** Takes a config through schema, request, immediate and perform, as a run does. */
export async function runEffect<C, R extends JsonValue>(
  node: EffectNode<C, R>,
  config: unknown,
  scope: Partial<NodeScope> = {},
  outside: Outside = {},
): Promise<Recorded & { readonly request: R | null; readonly outcome: NodeOutcome; readonly immediate: boolean }> {
  const recorded: Recorded = { http: [], chats: [], live: [], commands: [] };
  const request = node.request(node.config.parse(config), scopeOf(scope));
  if (typeof request === 'object' && request !== null && 'failed' in request) {
    return { ...recorded, request: null, outcome: { status: 'failed', error: request.failed as never }, immediate: true };
  }
  const immediate = node.immediate?.(request) ?? null;
  const outcome = immediate ?? (await node.perform(request, portsOf(outside, recorded), contextOf(outside, recorded)));
  return { ...recorded, request, outcome, immediate: immediate !== null };
}

function portsOf(outside: Outside, recorded: Recorded): Ports {
  const missing = new Failure('fault', 'not-expected', 'The test expects no such call.');
  return {
    http: {
      send: async (request) => {
        recorded.http.push(request);
        if (!outside.http) throw missing;
        return { status: 200, headers: { 'content-type': 'application/json' }, text: '', truncated: false, ...outside.http(request) };
      },
    },
    mcp: {
      discover: () => Promise.reject(missing),
      call: async (server, call, { onProgress }) => {
        if (!outside.mcp) throw missing;
        return outside.mcp(server, call, onProgress);
      },
      oauth: {
        prepare: () => Promise.reject(missing),
        exchange: () => Promise.reject(missing),
        renew: () => Promise.reject(missing),
        revoke: () => Promise.reject(missing),
        pause: () => Promise.resolve(),
      },
    },
    code: {
      run: async (request) => {
        if (!outside.code) throw missing;
        return outside.code(request);
      },
    },
    documents: {
      keep: () => Promise.reject(missing),
      hold: () => Promise.reject(missing),
      release: () => Promise.reject(missing),
      load: () => Promise.reject(missing),
      list: () => Promise.reject(missing),
      extract: () => Promise.reject(missing),
    },
    database: {
      query: async (query) => {
        if (!outside.database) throw missing;
        return outside.database(query);
      },
    },
    mail: {
      send: async (mail) => {
        if (!outside.mail) throw missing;
        return outside.mail(mail);
      },
    },
    embedding: {
      embed: async () => {
        throw missing;
      },
    },
    knowledge: {
      search: async (query) => {
        if (!outside.knowledge) throw missing;
        return outside.knowledge(query);
      },
    },
    model: {
      chat: async (request, { onToken }) => {
        recorded.chats.push(request);
        if (!outside.model) throw missing;
        return outside.model(request, onToken ?? (() => undefined));
      },
    },
  };
}

const contextOf = (outside: Outside, recorded: Recorded): EffectContext => ({
  stream: { workspace_id: 'acme', category: 'run', stream_id: 'run-1' },
  key: KEY,
  correlation_id: 'c',
  timedOut: () => false,
  signal: outside.aborted ? AbortSignal.abort() : new AbortController().signal,
  live: (topic, data) => void recorded.live.push({ topic, data }),
  command: async (type, workspaceId, data, commandId) => {
    recorded.commands.push({ type, workspaceId, data, commandId });
    return null;
  },
});
