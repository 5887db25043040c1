import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import type { Terminal } from './context.ts';
import { createProgram } from './program.ts';
import { runAp } from './testing/run-ap.ts';

const silent: Terminal = {
  env: {},
  stdout: () => undefined,
  stderr: () => undefined,
  interactive: false,
  interrupted: new AbortController().signal,
  exit: () => undefined,
};

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

const all = (command: Command, path: readonly string[] = []): { path: string; command: Command }[] => [
  { path: [...path, command.name()].join(' '), command },
  ...command.commands.flatMap((child) => all(child, [...path, command.name()])),
];
const commands = all(createProgram(silent));
const leaves = commands.filter(({ command }) => command.commands.length === 0);

/** The lines under "Examples:", as a shell would split them. */
const examplesOf = (command: Command): string[][] => {
  const [, after = ''] = helpOf(command).split('\nExamples:\n');
  return after
    .split('\n')
    .filter((line) => /^ {2}.*\bap /.test(line))
    .map((line) =>
      [...line.replace(/^.*?\bap /, '').matchAll(/((?:[^\s'"]|'[^']*'|"[^"]*")+)/g)].map(([word]) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2')),
    );
};

describe.each(commands.map(({ path, command }) => [path, command] as const))('%s', (path, command) => {
  test('says what it does, shows examples and tells its options', () => {
    expect(command.description().length).toBeGreaterThan(10);
    expect(examplesOf(command).length).toBeGreaterThan(0);
    for (const option of command.options) expect(option.description, `${path} ${option.long}`).not.toBe('');
  });

  test.each(examplesOf(command).map((words) => [words.join(' '), words] as const))('the example "%s" is understood', async (_line, words) => {
    const program = createProgram(silent);
    let reached = false;
    for (const leaf of all(program)) if (leaf.command.commands.length === 0) leaf.command.action(() => void (reached = true));
    await program.parseAsync([...words], { from: 'user' });
    expect(reached).toBe(true);
  });
});

test('each kind of work has its commands', () => {
  expect(leaves.map(({ path }) => path.replace(/^ap /, '')).toSorted()).toEqual(
    [
      'up',
      'run start',
      'run list',
      'run show',
      'run watch',
      'run cancel',
      'run signal',
      'run resolve',
      'workflow create',
      'workflow publish',
      'workflow validate',
      'workflow plan',
      'workflow list',
      'workflow show',
      'task list',
      'task show',
      'task claim',
      'task complete',
      'events tail',
      'events show',
      'events replay',
      'state',
      'projections status',
      'projections rebuild',
      'projections verify',
      'dead list',
      'dead show',
      'dead redrive',
      'tool list',
      'app list',
      'mcp list',
      'mcp discover',
      'mcp tools',
      'mcp resources',
      'mcp prompts',
      'mcp authorize',
      'mcp call',
      'mcp read',
      'mcp prompt',
      'skill import',
      'skill list',
      'doctor',
    ].toSorted(),
  );
});

test.each([
  [['run', 'start'], "missing required argument 'workflow'"],
  [['run', 'lst'], 'Did you mean list?'],
  [['run', 'list', '-o', 'xml'], 'Allowed choices are table, json, jsonl'],
  [['run', 'list', '--limit', '0'], 'Give a whole number from 1.'],
  [['events', 'show', 'nowhere'], 'Give category/id'],
  [['task', 'complete', 'x'], 'Say either --approve or --reject.'],
  [['run', 'start', 'w', '-i', 'a=1', '--input-json', '{}'], 'Give the input once'],
  [['projections', 'verify'], 'Set AGENT_PLATFORM_DATABASE_URL'],
  [['run', 'list', '--url', 'nowhere'], 'Give an address such as http://127.0.0.1:8000.'],
  [['run', 'list', '--url', 'ftp://127.0.0.1'], 'Give an address such as http://127.0.0.1:8000.'],
  [['events', 'tail', '--subject', 'evt.>', '--type', 'run.created'], 'not both'],
])('%j is wrong usage: exit code 2 and what to do', async (args, said) => {
  const { code, stderr, stdout } = await runAp(args);
  expect(stderr).toContain(said);
  expect(code).toBe(2);
  expect(stdout).toBe('');
});

test('help ends with 0 and tells the exit codes', async () => {
  const { code, stdout } = await runAp(['--help']);
  expect(code).toBe(0);
  expect(stdout).toContain('6  the run failed or was cancelled');
});

test('a gateway that is not there: exit code 5 and how to start it', async () => {
  const { code, stderr } = await runAp(['run', 'list', '--url', 'http://127.0.0.1:9']);
  expect(stderr).toContain('ap up');
  expect(code).toBe(5);
});

test('a platform that runs here is asked, unless another one is named', async () => {
  const platform = { pid: 1, url: 'http://127.0.0.1:8001', nats_url: 'nats://127.0.0.1:4223', database_url: 'postgresql://postgres@127.0.0.1:1/postgres' };
  expect((await runAp(['run', 'list', '--curl'], {}, { platform })).stdout).toContain('http://127.0.0.1:8001/api/v1/runtime/runs');
  expect((await runAp(['projections', 'verify'], {}, { platform })).stderr).not.toContain('Set AGENT_PLATFORM_DATABASE_URL');
  expect((await runAp(['projections', 'verify', '--url', 'http://127.0.0.1:9'], {}, { platform })).stderr).toContain('Set AGENT_PLATFORM_DATABASE_URL');
});

test('--curl shows the request and sends nothing', async () => {
  const { code, stdout } = await runAp([
    'run',
    'start',
    'support',
    '-i',
    "text=it's",
    '-i',
    'n=2',
    '--curl',
    '--workspace',
    'acme',
    '--url',
    'http://127.0.0.1:9',
  ]);
  expect(code).toBe(0);
  expect(stdout).toBe(`curl -sS -X POST http://127.0.0.1:9/api/v1/workflows/support/runs \\
  -H 'x-workspace-id: acme' \\
  -H 'content-type: application/json' \\
  -d '{"input":{"text":"it'\\''s","n":2}}'
`);
});
