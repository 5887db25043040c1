import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { compileInputSchema } from '@agent-platform/nodes/input-schema';
import { expect, test } from 'vitest';
import { toolImportDecider } from './tool-import.decider.ts';
import type { Imported } from './tool-import.state.ts';

/** Documents of public APIs, and those that show what OpenAPI can say, from a package that nobody here wrote. */
const folder = path.dirname(createRequire(import.meta.url).resolve('@readme/oas-examples/package.json'));
const documents = globSync('3.{0,1}/*/*.{json,yaml}', { cwd: folder }).toSorted();
/** They describe what a server calls, and have no operation of their own. */
const WEBHOOKS_ONLY = /webhooks/;

function imported(name: string): Imported | { readonly rejected: string; readonly message: string } | undefined {
  const meta = { command_id: 'c', workspace_id: 'acme', stream_id: 'it', now: '2030-01-01T00:00:00.000Z', actor: 'a', correlation_id: 'c' };
  const data = { tool_import_id: 'it', document_text: readFileSync(path.join(folder, name), 'utf8'), base_url: 'https://api.example' };
  const decision = toolImportDecider.decide({ type: 'tool_import.run', data, meta }, toolImportDecider.initial);
  return 'rejected' in decision ? decision : (decision[0]?.data as Imported | undefined);
}

test('there are enough of them', () => expect(documents.length).toBeGreaterThan(80));

test.each(documents)('%s becomes tools whose inputs can be checked', (name) => {
  const result = imported(name);
  if (result && 'rejected' in result) {
    // What can't be imported is said with a place and a remedy.
    expect([name, result.message]).toEqual([expect.stringMatching(WEBHOOKS_ONLY), expect.stringMatching(/\/document\S*|operations/)]);
    return;
  }
  for (const tool of result?.tools ?? []) expect(() => compileInputSchema(tool.input_schema_json), tool.code).not.toThrow();
  for (const { reason } of result?.skipped ?? []) expect(reason).not.toBe('');
});
