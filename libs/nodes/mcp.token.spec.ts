import { Failure } from '@agent-platform/kernel/index';
import { McpChallenged } from '@agent-platform/ports/mcp.port';
import { expect, test } from 'vitest';
import { askWithToken, type McpToken } from './mcp.token.ts';
import type { NodeContext } from './node.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const refused = new Failure('invalid', 'mcp-authorization-required', 'Sign in.');
const scope = new Failure('invalid', 'mcp-scope-missing', 'More.', { cause: new McpChallenged({ scope: 'write', resource_metadata: null }) });

interface Kept extends Omit<McpToken, 'access_token'> {
  /** What a renewal makes of it; null: it is lost. */
  readonly next?: Partial<McpToken> | null;
}

/** Asks once with a token that is so; the server takes what `takes` says. */
async function asked(kept: Partial<Kept>, takes: (token: string) => Failure | string) {
  const { next = { number: 2, access_token: 'second' }, ...more } = kept;
  let token: McpToken | null = { number: 1, failures: 0, renewable: true, token_expires_at: null, access_token: 'first', ...more };
  const commands: { readonly type: string; readonly data: unknown; readonly id: string }[] = [];
  const context = {
    stream: { workspace_id: 'acme', category: 'run', stream_id: 'it' },
    key: 'k',
    signal: new AbortController().signal,
    credentialOf: async () => token && JSON.stringify(token),
    command: async (type: string, _workspace: string, data: unknown, id: string) => void commands.push({ type, data, id }),
  } as unknown as NodeContext;
  let pauses = 0;
  // Somebody else renews it, and takes a moment.
  const pause = async (): Promise<void> => void (++pauses === 2 && token && (token = next && { ...token, ...next }));
  const ask = async (access_token: string): Promise<string> => {
    const answer = takes(access_token);
    if (answer instanceof Failure) throw answer;
    return answer;
  };
  const outcome: unknown = await askWithToken({ of: 'docs', at: NOW }, { oauth: { pause }, context, ask }).catch((error: unknown) => error);
  return { outcome, commands };
}

test('a good token is used as it is', async () => {
  expect(await asked({}, (token) => token)).toEqual({ outcome: 'first', commands: [] });
  expect(await asked({ token_expires_at: '2026-01-01T01:00:00.000Z' }, (token) => token)).toEqual({ outcome: 'first', commands: [] });
});

test('one that expires soon, or is refused, is renewed first, by one id for all who want it', async () => {
  for (const { outcome, commands } of [
    await asked({ token_expires_at: '2026-01-01T00:00:10.000Z' }, (token) => token),
    await asked({}, (token) => (token === 'first' ? refused : token)),
  ]) {
    expect(outcome).toBe('second');
    expect(commands[0]).toMatchObject({ type: 'mcp_server.renew_token', data: { mcp_server_id: 'docs', token: 1 } });
    expect(new Set(commands.map(({ id }) => id)).size).toBe(1);
  }
});

test('a server that refuses the new one, too, is asked no third time', async () => {
  let times = 0;
  const { outcome } = await asked({}, () => (times++, refused));
  expect([outcome, times]).toEqual([refused, 2]);
});

test('a renewal that fails may be tried again; a token that is lost wants a person', async () => {
  expect((await asked({ next: { failures: 1 } }, () => refused)).outcome).toMatchObject({ kind: 'transient', code: 'mcp-sign-in-unreachable' });
  expect((await asked({ next: null }, () => refused)).outcome).toMatchObject({ kind: 'invalid', code: 'mcp-authorization-required' });
});

test('a scope that is missing is said to the server’s stream, and nothing is asked twice', async () => {
  const { outcome, commands } = await asked({}, () => scope);
  expect(outcome).toBe(scope);
  expect(commands).toMatchObject([{ type: 'mcp_server.require_scope', data: { mcp_server_id: 'docs', token: 1, scope: 'write', message: 'More.' } }]);
});

test('what goes wrong otherwise is left alone', async () => {
  const broken = new Failure('transient', 'mcp-unreachable', 'It is away.');
  expect(await asked({}, () => broken)).toEqual({ outcome: broken, commands: [] });
});
