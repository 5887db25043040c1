import { createCodePort } from '@agent-platform/adapter-code/index';
import { findProgram } from '@agent-platform/adapter-sandbox/programs';
import type { CodeOutcome } from '@agent-platform/ports/code.port';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type CodeRunnerConfig, readCodeRunnerConfig } from './code-runner.config.ts';
import { type CodeRunner, startCodeRunner } from './start.ts';

const config = { ...readCodeRunnerConfig(process.env), port: 0, logLevel: 'silent' } as const;
const signal = new AbortController().signal;
let runner: CodeRunner;

beforeAll(async () => {
  runner = await startCodeRunner({ ...config, languages: ['javascript'], maxTimeoutMs: 2_000 });
}, 60_000);
afterAll(() => runner.close());

const run = (code: string, input_json: CodeOutcome['result_json'] = {}, timeout_ms = 5_000, language = 'javascript', on = runner) =>
  createCodePort(on.url).run({ language, code, input_json, timeout_ms }, { signal });

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
    ['Deno.env.toObject()', 'code-exception', /Requires env access: code runs without any permission$/],
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
    expect(await run('for (;;);', {}, 1_000)).toMatchObject({ error: { code: 'code-timeout', message: expect.stringContaining('1 s') } });
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
    const small = await startCodeRunner({ ...config, languages: ['javascript'], concurrency: 1, queue: 0 });
    onTestFinished(() => small.close());
    const first = post({ language: 'javascript', code: 'for (;;);', timeout_seconds: 1 }, small.url);
    await expect.poll(async () => ((await (await fetch(`${small.url}/ready`)).json()) as { running: number }).running).toBe(1);
    const second = await post({ language: 'javascript', code: '1' }, small.url);
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '1']);
    await first;
  });

  it('are answered by a clear error when the runner is away', async () => {
    const away = createCodePort('http://127.0.0.1:1', { patienceMs: 0 }).run({ language: 'javascript', code: '1', input_json: {}, timeout_ms: 1 }, { signal });
    await expect(away).rejects.toMatchObject({ kind: 'transient', code: 'code-runner-unavailable' });
  });
});

/** Python has one contract, whatever it runs in. */
const bwrap = findProgram(config.bwrapBin);
describe.each([...(bwrap === null ? [] : [['bwrap+cpython', bwrap] as const]), ['pyodide', 'no-such-bwrap'] as const])('Python in %s', (tier, bwrapBin) => {
  let python: CodeRunner;
  beforeAll(async () => {
    python = await startCodeRunner({ ...config, bwrapBin, concurrency: 8 });
    await python.warm();
  }, 60_000);
  afterAll(() => python.close());
  const runPython = (code: string, input_json: CodeOutcome['result_json'] = {}, timeout_ms = 5_000) => run(code, input_json, timeout_ms, 'python', python);

  it('finds its payload, leaves its result, prints to stdout alone', async () => {
    const code = "total = sum(payload['numbers'])\nresult = {'total': total, 'count': len(payload['numbers'])}\nprint(f'total={total}')";
    expect(await runPython(code, { numbers: [1, 2, 3, 4] })).toMatchObject({
      status: 'completed',
      result_json: { total: 10, count: 4 },
      error: null,
      stdout: 'total=10\n',
      stderr_excerpt: '',
      tier,
    });
  });

  it('tells where it raised, by the lines of its own text', async () => {
    expect(await runPython("def f():\n  raise ValueError('x')\nf()")).toMatchObject({
      status: 'failed',
      result_json: null,
      error: { code: 'code-exception', message: 'ValueError: x', traceback: expect.stringMatching(/^Traceback .*line 3, in <module>.*line 2, in f\n/s) },
    });
  });

  it.for([
    ['x = 1', null],
    ["result = 'ü\\0\\ud800'", 'ü\ufffd'],
    ['import asyncio, statistics\nasync def mean():\n  await asyncio.sleep(0)\n  return statistics.mean([1, 2, 6])\nresult = asyncio.run(mean())', 3],
  ] as const)('%s gives its result', async ([code, result_json]) => {
    expect(await runPython(code, { x: 2 })).toMatchObject({ status: 'completed', result_json });
  });

  it.for([
    ['while True: pass', 'code-timeout', /1 s/],
    ['result = object()', 'code-result-not-json', /object is not JSON serializable/],
    ["result = float('nan')", 'code-result-not-json', /JSON compliant/],
    ["result = 'x' * 1_000_001", 'code-output-too-large', /1000000/],
    ['import os; os._exit(3)', 'code-exited', /exit code 3/],
    ['import sys; sys.exit(3)', 'code-exception', /SystemExit: 3/],
    ['result = (', 'code-exception', /SyntaxError/],
  ] as const)('%s fails as %s', async ([code, error, message]) => {
    expect(await runPython(code, {}, 1_000)).toMatchObject({ status: 'failed', error: { code: error, message: expect.stringMatching(message) } });
  });

  it('is stopped when it takes too much memory', async () => {
    expect(await runPython("a = []\nwhile True: a.append('x' * 10**8)", {}, 10_000)).toMatchObject({ error: { code: 'code-memory' } });
  });
});

describe('A language that is not there', () => {
  it('is an answer and no crash: a wrong path to Python, a language that is switched off', async () => {
    const cases: readonly (readonly [Partial<CodeRunnerConfig>, RegExp])[] = [
      [{ pythonBin: '/no/such/python' }, /AGENT_PLATFORM_PYTHON_BIN is "\/no\/such\/python"/],
      [{ languages: ['javascript'] }, /AGENT_PLATFORM_CODE_LANGUAGES/],
    ];
    for (const [settings, remedy] of cases) {
      const lame = await startCodeRunner({ ...config, ...settings });
      onTestFinished(() => lame.close());
      await lame.warm();
      expect(lame.languages()['python']).toMatchObject({ unavailable: expect.stringMatching(remedy) });
      const answer = await post({ language: 'python', code: '1' }, lame.url);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '60']);
      expect(await answer.json()).toMatchObject({ code: 'code-language-unavailable', detail: expect.stringMatching(remedy) });
      expect((await fetch(`${lame.url}/ready`)).status).toBe(200);
    }
  });
});
