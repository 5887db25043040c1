import { createCodePort } from '@agent-platform/adapter-code/index';
import type { CodeOutcome } from '@agent-platform/ports/code.port';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readCodeRunnerConfig } from './code-runner.config.ts';
import { type CodeRunner, startCodeRunner } from './start.ts';

const config = { ...readCodeRunnerConfig(process.env), port: 0, logLevel: 'silent' } as const;
const signal = new AbortController().signal;
let runner: CodeRunner;

beforeAll(async () => {
  runner = await startCodeRunner({ ...config, maxTimeoutMs: 2_000 });
}, 60_000);
afterAll(() => runner.close());

const run = (code: string, input_json: CodeOutcome['result_json'] = {}, timeout_ms = 5_000, language = 'javascript') =>
  createCodePort(runner.url).run({ language, code, input_json, timeout_ms }, { signal });

const post = (body: unknown, url = runner.url) =>
  fetch(`${url}/code/execute`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

describe('JavaScript', () => {
  it('finds its payload, leaves its result, prints to stdout alone', async () => {
    const code = 'const total = payload.numbers.reduce((a, b) => a + b);\nresult = { total, count: payload.numbers.length };\nprint(`total=${total}`);';
    expect(await run(code, { numbers: [1, 2, 3, 4] })).toMatchObject({
      status: 'completed',
      result_json: { total: 10, count: 4 },
      error: null,
      stdout: 'total=10\n',
      stderr_excerpt: '',
      tier: expect.stringMatching(/deno$/),
    });
  });

  it.each([
    ['var result = 1', 1],
    ['const result = { a: [payload.x] }', { a: [2] }],
    ['return payload.x', 2],
    ['await Promise.resolve(); result = "ü\\u0000\\ud800"', 'ü\ufffd'],
    ['// nothing', null],
    ['result = [undefined, NaN, -0]', [null, null, 0]],
  ])('%s gives its result', async (code, result_json) => {
    expect(await run(code, { x: 2 })).toMatchObject({ status: 'completed', result_json });
  });

  it.each([
    ['x.y', 'code-exception', /x is not defined/],
    ['result = (', 'code-exception', /SyntaxError/],
    ['throw null', 'code-exception', /Uncaught null/],
    ['result = 10n', 'code-result-not-json', /BigInt/],
    ['result = () => 1', 'code-result-not-json', /function/],
    ['const a = {}; a.a = a; result = a', 'code-result-not-json', /circular/],
    ['let a = []; for (let i = 0; i < 100; i++) a = [a]; result = a', 'code-result-not-json', /64 levels/],
    ['result = "x".repeat(1_000_001)', 'code-output-too-large', /1000000/],
    ['for (;;) print("x".repeat(10_000))', 'code-output-too-large', /1000000/],
    ['Deno.exit(3)', 'code-exited', /exit code 3/],
    ['const all = []; for (;;) all.push(new ArrayBuffer(3e8))', 'code-memory', /memory/],
  ])('%s fails as %s', async (code, error, message) => {
    expect(await run(code)).toMatchObject({ status: 'failed', result_json: null, error: { code: error, message: expect.stringMatching(message) } });
  });

  it('tells where it threw, by the lines of its own text', async () => {
    const { error } = await run('function inner() {\n  throw new Error("deep");\n}\ninner();');
    expect(error?.traceback).toMatch(/^Error: deep\n +at inner \(code\.js:2:9\)\n +at eval \(code\.js:4:1\)$/);
    expect(error?.traceback).not.toMatch(/file:|javascript\.guest/);
  });

  it('is stopped at its timeout, and at the maximum when it wants more', async () => {
    const began = performance.now();
    expect(await run('for (;;);', {}, 1_000)).toMatchObject({ error: { code: 'code-timeout', message: expect.stringContaining('1 s') } });
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(await run('await new Promise((done) => setTimeout(done, 60_000))', {}, 600_000)).toMatchObject({
      error: { message: expect.stringContaining('2 s') },
    });
  });
});

describe('requests', () => {
  it('with another language, or another shape, are refused with the field', async () => {
    await expect(run('puts 1', {}, 1_000, 'ruby')).rejects.toMatchObject({
      kind: 'invalid',
      code: 'code-language-unsupported',
      errors: [{ field: '/language' }],
    });
    for (const body of [
      {},
      { language: 'javascript' },
      { language: 'javascript', code: '1', timeout_seconds: -1 },
      { language: 'javascript', code: '1', env: {} },
    ]) {
      const answer = await post(body);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([400, expect.stringContaining('application/problem+json')]);
    }
  });

  it('beyond the queue are told when to come again', async () => {
    const small = await startCodeRunner({ ...config, concurrency: 1, queue: 0 });
    onTestFinished(() => small.close());
    const first = post({ language: 'javascript', code: 'for (;;);', timeout_seconds: 1 }, small.url);
    await expect.poll(async () => ((await (await fetch(`${small.url}/ready`)).json()) as { running: number }).running).toBe(1);
    const second = await post({ language: 'javascript', code: '1' }, small.url);
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '1']);
    await first;
  });

  it('are answered by a clear error when the runner is away', async () => {
    const away = createCodePort('http://127.0.0.1:1').run({ language: 'javascript', code: '1', input_json: {}, timeout_ms: 1 }, { signal });
    await expect(away).rejects.toMatchObject({ kind: 'transient', code: 'code-runner-unavailable' });
  });
});

describe('Python', () => {
  it('is run inside bubblewrap, or refused with the remedy where there is none', async (context) => {
    const python = runner.languages['python'];
    if (python === undefined || 'unavailable' in python) {
      await expect(run('result = 1', {}, 1_000, 'python')).rejects.toMatchObject({
        status: 503,
        code: 'code-language-unavailable',
        message: expect.stringMatching(/Install|AGENT_PLATFORM/),
      });
      context.skip(`no Python here: ${python?.unavailable}`);
    }
    const code = "total = sum(payload['numbers'])\nresult = {'total': total, 'count': len(payload['numbers'])}\nprint(f'total={total}')";
    expect(await run(code, { numbers: [1, 2, 3, 4] }, 5_000, 'python')).toMatchObject({
      status: 'completed',
      result_json: { total: 10, count: 4 },
      stdout: 'total=10\n',
      tier: 'bwrap+cpython',
    });
    expect(await run("def f():\n  raise ValueError('x')\nf()", {}, 5_000, 'python')).toMatchObject({
      error: { code: 'code-exception', message: 'ValueError: x', traceback: expect.stringContaining('line 2, in f') },
    });
    for (const [source, error] of [
      ['while True: pass', 'code-timeout'],
      ['result = object()', 'code-result-not-json'],
      ["result = float('nan')", 'code-result-not-json'],
      ["a = []\nwhile True: a.append('x' * 10**8)", 'code-memory'],
      ['import os; os._exit(3)', 'code-exited'],
    ] as const) {
      expect(await run(source, {}, 1_000, 'python')).toMatchObject({ error: { code: error } });
    }
    expect(await run('x = 1', {}, 1_000, 'python')).toMatchObject({ status: 'completed', result_json: null });
  });

  it('that is not there, or without bubblewrap, is an answer and no crash', async () => {
    const lame = await startCodeRunner({ ...config, pythonBin: 'no-such-python', bwrapBin: 'no-such-bwrap' });
    onTestFinished(() => lame.close());
    expect(lame.languages).toMatchObject({ javascript: { tier: 'deno' }, python: { unavailable: expect.stringContaining('AGENT_PLATFORM_BWRAP_BIN') } });
    const answer = await post({ language: 'python', code: '1' }, lame.url);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '60']);
  });
});
