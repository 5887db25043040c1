import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';

/** Runs every block of the page of examples, in its order, as a reader would. */
const ROOT = path.resolve(import.meta.dirname, '../..');
const page = readFileSync(path.join(ROOT, 'apps/platform/example/README.md'), 'utf8');

interface Block {
  readonly title: string;
  readonly language: 'sh' | 'js';
  readonly text: string;
  /** Texts that its output has. */
  readonly answers: readonly string[];
}

const blocks = page.split(/^## /m).flatMap((section): Block[] =>
  [...section.matchAll(/^```(sh|js)\n(.*?)^```/gms)].map(([, language, text = ''], index) => ({
    title: `${section.split('\n', 1)[0]} ${index + 1}`,
    language: language === 'js' ? 'js' : 'sh',
    text,
    answers: [...text.matchAll(/^(?:#|\/\/) → (.*)$/gm)].map(([, answer = '']) => answer),
  })),
);
/** The first one says where the platform is and defines what the others use. */
const [setup, ...rest] = blocks;

let platform: TestPlatform;
beforeAll(async () => {
  const modules = path.join(ROOT, 'node_modules');
  const everything = `${modules}/.bin/node ${modules}/@modelcontextprotocol/server-everything/dist/index.js stdio`;
  platform = await startTestPlatform({ env: { AGENT_PLATFORM_MCP_STDIO_ALLOW: everything, AGENT_PLATFORM_CODE_LANGUAGES: 'javascript,python' } });
});
afterAll(() => platform.close());

function run({ language, text }: Block): Promise<string> {
  const [program, ...args] = language === 'js' ? [process.execPath, '--input-type=module', '-'] : ['bash', '-s'];
  const source = language === 'js' ? text : `${setup?.text.replace(/^export URL=.*$/m, '')}\n${text}`;
  return new Promise((resolve, reject) => {
    const child = execFile(program ?? '', args, { cwd: ROOT, env: { ...process.env, URL: platform.url }, timeout: 60_000 }, (error, stdout, stderr) =>
      error ? reject(new Error(`${error.message}\n${stdout}\n${stderr}`)) : resolve(stdout),
    );
    child.stdin?.end(source);
  });
}

test('the page has an example of everything', () => expect(rest.length).toBeGreaterThan(9));

test.each(rest.map((block) => [block.title, block] as const))('%s', async (_title, block) => {
  const output = await run(block);
  for (const answer of block.answers) expect(output).toContain(answer);
});
