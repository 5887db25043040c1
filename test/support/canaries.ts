import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { contracts } from '@agent-platform/contracts/index';
import { Client } from 'pg';
import type { Api } from './api.ts';

/** Of base64 the part that is the same at each of the three places where a word may begin. */
const inBase64 = (word: string, before: number): string => {
  const text = Buffer.from(`${'.'.repeat(before)}${word}`).toString('base64');
  return text.slice(4, 32);
};

/** Finds canaries in a text: as they are, cut off, in hex and in base64. */
export function canaryFinder(canaries: readonly string[]): (text: string) => string[] {
  const words = canaries.flatMap((word) => [word, word.slice(0, 14), Buffer.from(word).toString('hex'), ...[0, 1, 2].map((at) => inBase64(word, at))]);
  return (text) => words.filter((word) => text.includes(word));
}

/** Every row of every table, as text, with the name of its table. */
export async function rowsOf(databaseUrl: string): Promise<{ readonly table: string; readonly row: string }[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const tables = await client.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  const rows: { table: string; row: string }[] = [];
  for (const { name: table } of tables.rows) {
    const found = await client.query<{ row: string }>(`select one::text as row from ${table} as one`);
    rows.push(...found.rows.map(({ row }) => ({ table, row })));
  }
  await client.end();
  return rows;
}

/** Every file below a folder: logs, and what Postgres and NATS have written. */
export const filesOf = (folder: string): { readonly name: string; readonly text: string }[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => ({ name, text: readFileSync(path.join(parentPath, name), 'latin1') }));

/** Every list of the API, as it is answered: those of the contracts, and what the gateway itself tells. */
export async function listsOf(api: Api): Promise<string[]> {
  const routes = contracts.flatMap((contract) => contract.routes.filter(({ method, path }) => method === 'GET' && !path.includes('{')).map(({ path }) => path));
  const answers = await Promise.all(
    [...routes, '/events', '/billing/usage', '/services/health'].map(async (route) => [route, await api.get(`${route}?limit=500`)] as const),
  );
  for (const [route, { status, body }] of answers) if (status !== 200) throw new Error(`${route}: ${JSON.stringify(body)}`);
  return answers.map(([, { body }]) => JSON.stringify(body));
}
