import type { McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { expect, test } from 'vitest';
import { fillConfig, secretProblems } from './mcp-server.secrets.ts';

const http = { transport: 'streamable_http', url: 'https://docs.example/mcp' } as const;
const oauth = { issuer: 'https://auth.example', client_id: 'it', client_secret: '{{ secrets.client }}' };
const fieldsOf = (config: McpServerConfig): string[] => secretProblems(config).map(({ field }) => field);

test('credentials are named, never written down; headers hold places of secrets and nothing else', () => {
  expect(fieldsOf({ ...http, oauth, headers: { authorization: 'Bearer {{ secrets.token }}', 'x-shop': '1' } })).toEqual([]);
  expect(fieldsOf({ ...http, oauth: { ...oauth, client_secret: 'it itself' } })).toEqual(['/config/oauth/client_secret']);
  expect(fieldsOf({ ...http, oauth: { ...oauth, private_key: '{{ secrets.key }}' } })).toEqual(['/config/oauth/client_secret']);
  expect(fieldsOf({ ...http, oauth: { issuer: 'https://auth.example', client_id: 'it' } })).toEqual(['/config/oauth/client_secret']);
  const person = { grant: 'authorization_code' } as const;
  expect(fieldsOf({ ...http, oauth: person })).toEqual([]);
  expect(fieldsOf({ ...http, oauth: { ...person, ...oauth } })).toEqual([]);
  expect(fieldsOf({ ...http, oauth: { ...person, client_id: 'it' } })).toEqual(['/config/oauth/issuer']);
  expect(fieldsOf({ ...http, oauth: { ...person, client_secret: '{{ secrets.client }}' } })).toEqual(['/config/oauth/client_id']);
  expect(fieldsOf({ ...http, headers: { 'x-who': '{{ input.who }}' } })).toEqual(['/config/headers/x-who']);
  expect(fieldsOf({ transport: 'stdio', command: '/bin/it' })).toEqual([]);
});

test('places are filled once: a value that looks like a place stays as it is', async () => {
  const values = new Map([
    ['token', '{{ secrets.client }}'],
    ['client', 'c-2'],
  ]);
  const used: string[] = [];
  const config = { ...http, oauth, headers: { authorization: 'Bearer {{ secrets.token }}', 'x-two': '{{secrets.client}}/{{ secrets.token }}' } };
  const filled = await fillConfig(config, async (name) => values.get(name) ?? null, used);
  expect(filled).toEqual({
    ...http,
    oauth: { ...oauth, client_secret: 'c-2' },
    headers: { authorization: 'Bearer {{ secrets.client }}', 'x-two': 'c-2/{{ secrets.client }}' },
  });
  expect(new Set(used)).toEqual(new Set(values.values()));
  await expect(fillConfig({ ...http, headers: { a: '{{ secrets.none }}' } }, async () => null, [])).rejects.toMatchObject({ code: 'secret-missing' });
});
