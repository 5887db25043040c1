import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPlatform } from '@agent-platform/app-platform/platform';
import { expect, onTestFinished, test } from 'vitest';

const START = fileURLToPath(new URL('../../apps/platform/main.ts', import.meta.url));

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'bad-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('npm start tells every wrong setting once, before it starts anything', async () => {
  const folder = newFolder();
  const env = { ...process.env, AGENT_PLATFORM_LOG_LEVEL: 'loud', AGENT_PLATFORM_MAX_EFFECTS: '0' };
  const child = spawn(process.execPath, [START, '--data', folder, '--port', '0'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(code).toBe(1);
  expect(said.match(/AGENT_PLATFORM_\w+/g)).toEqual(['AGENT_PLATFORM_MAX_EFFECTS', 'AGENT_PLATFORM_LOG_LEVEL']);
  expect(readdirSync(folder)).toEqual([]);
});

test.for([
  ['one process', false],
  ['a process for each role', true],
] as const)('what only the roles can find out, in %s, ends the start and is told once', async ([, processes]) => {
  const shown: string[] = [];
  const show = (line: string): void => void shown.push(line);
  const env = { AGENT_PLATFORM_NODES: '/nowhere/nodes.ts', AGENT_PLATFORM_LOG_LEVEL: 'warn' };
  const starting = startPlatform({ dataDir: newFolder(), port: 0, processes, env, tell: show, showLog: show });
  const error = await starting.then(
    (platform) => platform.close(),
    (reason: unknown) => String(reason),
  );
  expect(error).toMatch(/^Error: The roles don't start\.\nAGENT_PLATFORM_NODES: \/nowhere\/nodes\.ts can't be loaded\. /);
  expect(String(error).match(/AGENT_PLATFORM_NODES/g)).toHaveLength(1);
  expect(shown.join('\n')).not.toContain('AGENT_PLATFORM_NODES');
});
