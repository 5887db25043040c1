import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from './programs.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';
import type { Attack } from './testing/attack.ts';
import { type AttackRange, openAttackRange } from './testing/attack.range.ts';
import { JAVASCRIPT_ATTACKS } from './testing/javascript.attacks.ts';
import { CPYTHON_ATTACKS, PYODIDE_ATTACKS, PYODIDE_JAVASCRIPT_ATTACKS } from './testing/python.attacks.ts';
import { type Language, LANGUAGES } from './tier.ts';

const options = {
  pythonBin: process.env['AGENT_PLATFORM_PYTHON_BIN'] ?? 'python',
  bwrapBin: process.env['AGENT_PLATFORM_BWRAP_BIN'] ?? 'bwrap',
  maxTimeoutMs: 30_000,
  warmJavascript: 2,
  warmPython: 2,
};
/** A start of Pyodide costs half a second of CPU. What JavaScript tries once more through Python is tried when it is asked for. */
const pyodide = process.env['ATTACKS'] === 'all' ? [...PYODIDE_ATTACKS, ...PYODIDE_JAVASCRIPT_ATTACKS] : PYODIDE_ATTACKS;

const bwrap = findProgram(options.bwrapBin);

let range: AttackRange;
/** With what this machine has. */
let strongest: Sandbox;
/** What every machine has. */
let bare: Sandbox;

beforeAll(async () => {
  range = await openAttackRange();
  strongest = await openSandbox({ ...options, languages: bwrap === null ? ['javascript'] : LANGUAGES });
  bare = await openSandbox({ ...options, languages: ['python'], pythonBin: 'python', bwrapBin: 'no-bubblewrap' });
  await Promise.all([strongest.warm(), bare.warm()]);
}, 60_000);
afterAll(async () => {
  await Promise.all([strongest.close(), bare.close()]);
  range.close();
});

/** The limit of time is real time: what else the machine is doing then is not the guest's fault. */
const BUSY = { timeout: 60_000, retry: 2 };

function containsAll(language: Language, attacks: readonly Attack[], least: number, sandbox: () => Sandbox): void {
  test(`has ${least} attacks or more, each once`, () => {
    expect(new Set(attacks.map(({ id }) => id)).size).toBe(attacks.length);
    expect(attacks.length).toBeGreaterThanOrEqual(least);
  });
  test.for(attacks.map((one) => [one.id, one] as const))('%s is contained', BUSY, ([, one]) => range.attack(sandbox(), language, one));
}

describe.concurrent('JavaScript', () => {
  containsAll('javascript', JAVASCRIPT_ATTACKS, 70, () => strongest);
});

describe.concurrent('Python in Pyodide', () => {
  test('is there on every machine', () => expect(bare.languages().python).toMatchObject({ tier: 'pyodide' }));
  containsAll('python', pyodide, 60, () => bare);
});

describe.skipIf(bwrap === null)('Python in bubblewrap', { concurrent: true }, () => {
  test('is there', () => expect(strongest.languages().python).toMatchObject({ tier: 'bwrap+cpython' }));
  containsAll('python', CPYTHON_ATTACKS, 60, () => strongest);
});
