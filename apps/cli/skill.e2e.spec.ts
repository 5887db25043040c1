import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startTestPlatform, type TestPlatform } from '@agent-platform/test/support/platform';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ran, runAp } from './testing/run-ap.ts';

let platform: TestPlatform;
const folder = mkdtempSync(path.join(tmpdir(), 'ap-skill-'));
const at = (name: string): string => path.join(folder, name);
const ap = (...args: string[]): Promise<Ran> => runAp([...args, '--url', platform.url, '--nats', platform.natsUrl, '--workspace', 'acme']);

beforeAll(async () => {
  platform = await startTestPlatform();
  for (const name of ['notes/references', 'notes/.git', 'empty', 'broken']) mkdirSync(at(name), { recursive: true });
  writeFileSync(at('notes/SKILL.md'), '---\nname: notes\ndescription: Writes notes.\n---\nBe short.\n');
  writeFileSync(at('notes/references/style.md'), 'Plain words.');
  writeFileSync(at('notes/logo.png'), Buffer.from([0x89, 0x50, 0xff, 0x00]));
  writeFileSync(at('notes/.git/config'), 'hidden');
  writeFileSync(at('broken/SKILL.md'), '---\nname: Not A Name\n---\nx');
});
afterAll(async () => {
  await platform?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a SKILL.md folder becomes a published skill', async () => {
  const made = await ap('skill', 'import', at('notes'), '--id', 'notes', '-o', 'json');
  expect(made).toMatchObject({ code: 0, stderr: '' });
  const { log, ...skill } = JSON.parse(made.stdout) as { log: { event_id: string }; published_version_id: string };
  expect(skill).toMatchObject({ id: 'notes', code: 'notes', status: 'published', published_number: 1 });
  const answer = await fetch(`${platform.url}/api/v1/skills/versions/${skill.published_version_id}?read_after=${log.event_id}`, {
    headers: { 'x-workspace-id': 'acme' },
  });
  expect(await answer.json()).toMatchObject({
    implementation_json: { instructions: 'Be short.', files: { 'references/style.md': 'Plain words.' }, resources: { 'logo.png': { bytes: 4 } } },
  });
  const { stdout } = await ap('skill', 'import', at('notes'), '--curl');
  expect(stdout).toContain(`files=@"${at('notes/references/style.md')}";filename="references/style.md"`);
  expect((await ap('skill', 'list')).stdout).toContain('notes');
});

test.each([
  ['nowhere', 'Check the path', 3],
  ['empty', 'has no SKILL.md', 3],
  ['broken', '/files/SKILL.md/name', 1],
])('%s is refused with a reason', async (name, said, code) => {
  const ran = await ap('skill', 'import', at(name));
  expect(ran.stderr).toContain(said);
  expect(ran.code).toBe(code);
});
