import { Failure } from '@agent-platform/kernel/index';
import { z } from 'zod';

const REFERENCE = /\{\{\s*secrets\.([A-Za-z0-9_-]{1,64})\s*\}\}/g;
const withoutReferences = (url: string): string => url.replaceAll(REFERENCE, '');

/** One database that the operator lets tools ask. */
const Connection = z.strictObject({
  /**
   * May name variables of the environment, as `${SHOP_PASSWORD}`, and as user and password secrets of the workspace that asks,
   * as `{{ secrets.shop }}`; their values are encoded for a URL. Where the database is says the operator alone.
   */
  url: z
    .string()
    .regex(/^postgres(?:ql)?:\/\//, 'must be a postgresql:// address')
    .refine((url) => !withoutReferences(url).includes('{{'), 'a secret is {{ secrets.<name> }}, without filters')
    .refine((url) => !(url.split('@').at(-1) ?? '').includes('{{'), 'a secret can be the user or the password only, before "@"'),
  /** Workspaces that may use it; absent: all. */
  workspaces: z.array(z.string().min(1)).optional(),
  /** Whether calls with `mode: write` are let through. */
  write: z.boolean().default(false),
  timeout_seconds: z.number().positive().max(600).default(10),
  max_rows: z.int().min(1).max(10_000).default(1_000),
  max_bytes: z.int().min(1_000).max(900_000).default(500_000),
  /** Statements at once, of one process. */
  max_connections: z.int().min(1).max(50).default(4),
});
export type Connection = z.output<typeof Connection>;

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const Connections = z.record(z.string().regex(NAME, 'names have letters, digits, "-" and "_"'), Connection);

const SETTING = 'AGENT_PLATFORM_TOOL_DATABASES';

/** Reads the setting, a JSON object of connections by name. Throws Failure('invalid', 'bad-config') without the text: it holds passwords. */
export function readConnections(text: string | undefined, env: NodeJS.ProcessEnv): ReadonlyMap<string, Connection> {
  if (text === undefined) return new Map();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badConfig('is no JSON', 'give an object like {"shop": {"url": "postgresql://reader@db.example/shop"}}');
  }
  const parsed = Connections.safeParse(value);
  const [issue] = parsed.error?.issues ?? [];
  if (!parsed.success) throw badConfig(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}`, 'correct this member');
  return new Map(Object.entries(parsed.data).map(([name, connection]) => [name, { ...connection, url: filled(name, connection.url, env) }]));
}

const filled = (name: string, url: string, env: NodeJS.ProcessEnv): string =>
  url.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, variable: string) => {
    const value = env[variable];
    if (value === undefined || value === '') throw badConfig(`${name}.url names the variable ${variable}, which is not set`, 'set it');
    return encodeURIComponent(value);
  });

/** The address with the secrets that it names. Throws Failure('invalid', 'secret-missing'). */
export async function withSecrets(url: string, secretOf: (name: string) => Promise<string | null>): Promise<string> {
  const values = new Map<string, string>();
  for (const [, name = ''] of url.matchAll(REFERENCE)) {
    const value = await secretOf(name);
    if (value === null) throw new Failure('invalid', 'secret-missing', `There is no secret "${name}" in this workspace, which the database needs: create it.`);
    values.set(name, value);
  }
  return url.replaceAll(REFERENCE, (_, name: string) => encodeURIComponent(values.get(name) ?? ''));
}

const badConfig = (rule: string, remedy: string): Failure =>
  new Failure('invalid', 'bad-config', `The settings are not right:\n  ${SETTING}: ${rule}; ${remedy}.`, { errors: [{ field: SETTING, rule, remedy }] });
