import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestPlatform, type TestPlatform } from '@agent-platform/test/support/platform';
import { type Ran, runAp } from './testing/run-ap.ts';

const DOCUMENT = `
nodes:
  - { id: hello, type: template-transform, config: { template: "Hello {{ input.name }}" } }
  - { id: ask, type: human, config: { kind: approval, title: "Greet {{ input.name }}?" } }
  - { id: say, type: answer, config: { template: "{{ nodes.hello.text }}!" } }
edges:
  - { source: hello, target: ask }
  - { source: ask, target: say, condition: approved }
`;
const FAILING = `
nodes: [{ id: broken, type: tool, config: { base_url: "http://127.0.0.1:9", path: "/", timeout_seconds: 1 } }]
edges: []
`;
const BROKEN = 'nodes: [{ id: a, type: start }, { id: a, type: start }]\nedges: [{ source: a, target: nowhere }]\n';

let platform: TestPlatform;
let folder: string;

beforeAll(async () => {
  platform = await startTestPlatform();
  folder = mkdtempSync(join(tmpdir(), 'ap-'));
  for (const [name, text] of Object.entries({ 'greet.yaml': DOCUMENT, 'failing.yaml': FAILING, 'broken.yaml': BROKEN }))
    writeFileSync(join(folder, name), text);
  await ap('workflow', 'create', join(folder, 'greet.yaml'), '--id', 'greet', '--code', 'greet.v1', '--publish');
});

afterAll(async () => {
  await platform?.close();
  rmSync(folder, { recursive: true, force: true });
});

const env = () => ({ AGENT_PLATFORM_DATABASE_URL: platform.databaseUrl });
const ap = (...args: string[]): Promise<Ran> => runAp([...args, '--url', platform.url, '--nats', platform.natsUrl, '--workspace', 'acme'], env());
const json = (ran: Ran): Record<string, unknown> => JSON.parse(ran.stdout) as Record<string, unknown>;
const items = (ran: Ran): Record<string, unknown>[] => json(ran)['items'] as Record<string, unknown>[];

/** Follows `ap run watch -o jsonl` until an event of a type is there. */
async function untilEvent(run: string, type: string): Promise<Record<string, unknown>> {
  const answer = await fetch(`${platform.url}/api/v1/runtime/runs/${run}/events`, { headers: { 'x-workspace-id': 'acme' } });
  let text = '';
  for await (const part of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part;
    const frame = new RegExp(`event: ${type.replace('.', String.raw`\.`)}\ndata: (.*)\n\n`).exec(text);
    if (frame?.[1]) return JSON.parse(frame[1]) as Record<string, unknown>;
  }
  throw new Error(`${run} has no ${type}`);
}

/** Starts a run of `greet` and waits until its person is asked; answers the run and the task. */
async function askedRun(): Promise<{ run: string; task: string }> {
  const run = String(json(await ap('run', 'start', 'greet', '-i', 'name=Ada', '-o', 'json'))['id']);
  const { data } = (await untilEvent(run, 'node.waiting')) as { data: { wait: { detail: { task_id: string } } } };
  return { run, task: data.wait.detail.task_id };
}

describe('a run', () => {
  test('is started by the workflow’s code, answered by a person, and watched to its end', async () => {
    const started = await ap('run', 'start', 'greet.v1', '-i', 'name=Ada', '-o', 'json');
    expect(started.code).toBe(0);
    const run = String(json(started)['id']);
    const { data } = (await untilEvent(run, 'node.waiting')) as { data: { wait: { detail: { task_id: string } } } };
    const done = await ap('task', 'complete', data.wait.detail.task_id, '--approve', '--by', 'ops-1', '-o', 'json');
    expect(done.code, done.stderr).toBe(0);
    expect(json(done)['status']).toBe('approved');
    const watched = await ap('run', 'watch', run);
    expect(watched.code, watched.stderr).toBe(0);
    expect(watched.stdout).toContain('run created');
    expect(watched.stdout).toMatch(/waits for a person.*ap task complete \S+ --approve/);
    expect(watched.stdout).toMatch(/3\/3 {2}✔ run completed +Hello Ada!/);
  });

  test('is shown with its nodes, as a table and as json', async () => {
    const { run } = await askedRun();
    const shown = await ap('run', 'show', run, '-o', 'json');
    expect(shown.code, shown.stderr).toBe(0);
    expect(json(shown)).toMatchObject({ id: run, input: { name: 'Ada' } });
    expect((await ap('run', 'show', run)).stdout).toContain('NODE');
    expect(items(await ap('run', 'list', '-o', 'json')).map(({ id }) => id)).toContain(run);
    const cancelled = await ap('run', 'cancel', run, '--reason', 'enough', '-o', 'json');
    expect(json(cancelled)['status']).toBe('cancelled');
    expect((await ap('run', 'watch', run)).code).toBe(6);
    expect((await ap('run', 'signal', run, 'more')).code).toBe(4);
  });

  test('that fails ends --wait with 6, and says why', async () => {
    await ap('workflow', 'create', join(folder, 'failing.yaml'), '--id', 'failing', '--publish');
    const { code, stdout } = await ap('run', 'start', 'failing', '--wait');
    expect(stdout).toContain('run failed');
    expect(code).toBe(6);
    // The list is a read model: it follows.
    const failed = ['run', 'list', '--status', 'failed'];
    await expect.poll(async () => items(await ap(...failed, '-o', 'json'))).toMatchObject([{ error: { code: expect.any(String), node_id: 'broken' } }]);
    expect((await ap(...failed)).stdout).toMatch(/ ERROR\n.* failing .* {2}[a-z-]+: [^{}]+$/m);
  });

  test('of a workflow that is not there: 3, and what to look at', async () => {
    const { code, stderr } = await ap('run', 'start', 'nobody');
    expect(stderr).toContain('ap workflow list');
    expect(code).toBe(3);
    expect((await ap('run', 'show', 'nobody')).code).toBe(3);
  });
});

describe('workflows', () => {
  test('a document is checked and planned; what is wrong is named', async () => {
    const good = await ap('workflow', 'validate', join(folder, 'greet.yaml'));
    expect(good).toMatchObject({ code: 0 });
    expect(good.stdout).toMatch(/^valid: .*, 0 errors/m);
    expect((await ap('workflow', 'plan', join(folder, 'greet.yaml'))).stdout).toBe('  1  hello\n  2  ask\n  3  say\n');
    const bad = await ap('workflow', 'validate', join(folder, 'broken.yaml'));
    expect(bad.code).toBe(1);
    expect(bad.stdout).toContain('remedy:');
  });
  test('a file that is not there', async () => expect((await ap('workflow', 'validate', join(folder, 'none.yaml'))).code).toBe(3));
  test('a new version is published from a file', async () => {
    const published = await ap('workflow', 'publish', 'greet', join(folder, 'greet.yaml'), '-o', 'json');
    expect(published.code, published.stderr).toBe(0);
    expect(json(published)['published_number']).toBeGreaterThanOrEqual(1);
    expect((await ap('workflow', 'show', 'greet')).stdout).toContain('template-transform');
    expect(items(await ap('workflow', 'list', '-o', 'json')).map(({ id }) => id)).toContain('greet');
  });
  test('an id that is taken: 4, with the request id', async () => {
    const { code, stderr } = await ap('workflow', 'create', join(folder, 'greet.yaml'), '--id', 'greet');
    expect(code, stderr).toBe(4);
    expect(stderr).toContain('request id');
  });
});

describe('the log', () => {
  test('events come as they happen', async () => {
    const heard = new Promise<void>((resolve, reject) => {
      const tail = runAp(
        ['events', 'tail', '--type', 'run.created', '--count', '1', '-o', 'jsonl', '--nats', platform.natsUrl, '--workspace', 'acme'],
        {},
        {
          // It says so when it listens: then the run may begin.
          onStderr: () => void ap('run', 'start', 'greet').catch(reject),
        },
      );
      tail.then((ran) => (json(ran)['type'] === 'run.created' ? resolve() : reject(new Error(ran.stdout))), reject);
    });
    await heard;
  });

  test('a stream is shown, replayed, and folded at any version', async () => {
    const { run } = await askedRun();
    const shown = items(await ap('events', 'show', `run/${run}`, '-o', 'json'));
    expect(shown.map(({ version }) => version)).toEqual(shown.map((_, index) => index + 1));
    const replayed = await ap('events', 'replay', `run/${run}`, '--to', '2', '-o', 'jsonl');
    expect(replayed.code, replayed.stderr).toBe(0);
    expect(
      replayed.stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id),
    ).toEqual(shown.slice(0, 2).map(({ id }) => id));
    expect(json(await ap('state', `run/${run}`, '--at', '1', '-o', 'json'))).toMatchObject({ version: 1, view: { id: run } });
    expect((await ap('state', 'run/nobody')).code).toBe(3);
    expect((await ap('state', `run/${run}`, '--at', '999')).stdout).toContain('its newest: there is no 999 yet');
    expect((await ap('events', 'show', 'run/nobody')).code).toBe(3);
    expect((await ap('events', 'show', `run/${run}`, '--from', '999')).stdout).toBe('(none)\n');
  });

  test('read models are what the log says, before and after a rebuild', async () => {
    const { code, stdout, stderr } = await ap('projections', 'verify', '-o', 'json');
    expect(code, stderr + stdout).toBe(0);
    expect((await ap('projections', 'rebuild', 'workflow')).stdout).toContain('live');
    expect(items(await ap('projections', 'status', '-o', 'json')).map(({ name }) => name)).toContain('workflow');
    expect((await ap('projections', 'rebuild', 'nothing')).code).toBe(3);
  });

  test('there are no dead letters', async () => {
    expect((await ap('dead', 'list')).stdout).toBe('(none)\n');
    expect((await ap('dead', 'show', '1')).code).toBe(3);
  });
});

test('lists of tasks, tools and apps', async () => {
  const { task } = await askedRun();
  const claimed = await ap('task', 'claim', task, '--by', 'ops-1', '-o', 'json');
  expect(json(claimed)['claimed_by']).toBe('ops-1');
  for (const noun of ['task', 'tool', 'app']) expect((await ap(noun, 'list')).code).toBe(0);
});

test('the doctor finds everything well, and says what is not', async () => {
  const { code, stdout } = await ap('doctor');
  expect(stdout).toContain('role executor');
  expect(stdout).toContain('at the head of the log');
  expect(stdout).not.toContain('✘');
  expect(code).toBe(0);
  const ill = await runAp(['doctor', '--url', 'http://127.0.0.1:9', '--nats', platform.natsUrl], env());
  expect(ill.code).toBe(1);
  expect(ill.stdout).toContain('ap up');
});
