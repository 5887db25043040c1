import type { McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { Failure } from '@agent-platform/kernel/index';

const REFERENCE = /\{\{\s*secrets\.([A-Za-z0-9_-]{1,64})\s*\}\}/g;

/** Something that would have to be rendered and is no secret's place. */
const hasOther = (text: string): boolean => text.replace(REFERENCE, '').includes('{{');
const isReference = (text: string): boolean => text.replace(REFERENCE, '') === '' && text !== '';

/** Why a config can't be kept: what in it holds a secret itself, or a template of something else. */
export function secretProblems(config: McpServerConfig): { readonly field: string; readonly rule: string; readonly remedy: string }[] {
  if (config.transport === 'stdio') return [];
  const remedy = 'write {{ secrets.<name> }} and create the secret';
  const { headers = {}, oauth } = config;
  const misplaced = Object.entries(headers)
    .filter(([, text]) => hasOther(text))
    .map(([name]) => ({ field: `/config/headers/${name}`, rule: 'may hold places of secrets only', remedy }));
  const credentials = (['client_secret', 'private_key'] as const).filter((name) => oauth?.[name] !== undefined);
  const open = credentials
    .filter((name) => !isReference(oauth?.[name] ?? ''))
    .map((name) => ({ field: `/config/oauth/${name}`, rule: 'must be the place of a secret, not the secret', remedy }));
  const missing =
    oauth && credentials.length !== 1 ? [{ field: '/config/oauth/client_secret', rule: 'must be given, or private_key instead of it', remedy }] : [];
  return [...misplaced, ...open, ...missing];
}

/** The config with the values of the secrets that it names, which are added to `used`. Throws Failure('invalid', 'secret-missing'). */
export async function fillConfig(config: McpServerConfig, secretOf: (name: string) => Promise<string | null>, used: string[]): Promise<McpServerConfig> {
  if (config.transport === 'stdio') return config;
  const values = new Map<string, string>();
  const fill = async (text: string): Promise<string> => {
    for (const [, name = ''] of text.matchAll(REFERENCE)) {
      const value = values.get(name) ?? (await secretOf(name));
      if (value === null) throw new Failure('invalid', 'secret-missing', `There is no secret "${name}" in this workspace: create it, or correct the config.`);
      values.set(name, value);
      used.push(value);
    }
    return text.replace(REFERENCE, (_place, name: string) => values.get(name) ?? '');
  };
  const headers = await Promise.all(Object.entries(config.headers ?? {}).map(async ([name, text]) => [name, await fill(text)] as const));
  const { oauth } = config;
  const { client_secret, private_key } = oauth ?? {};
  return {
    ...config,
    headers: Object.fromEntries(headers),
    ...(oauth && {
      oauth: {
        ...oauth,
        ...(client_secret !== undefined && { client_secret: await fill(client_secret) }),
        ...(private_key !== undefined && { private_key: await fill(private_key) }),
      },
    }),
  };
}
