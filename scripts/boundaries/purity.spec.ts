import { parseSync } from 'vite';
import { expect, test } from 'vitest';
import { findImpure, type Rule } from './purity.ts';
import { isTestCode, readWorkspace, type Source } from './workspace.ts';

const { sources } = await readWorkspace();
const code = sources.filter(({ file }) => !isTestCode(file));
const impure = (files: readonly Source[], ...rules: Rule[]): string[] => files.flatMap((source) => findImpure(source, rules));

test('deciders know no clock, no random, no outside, and neither wait nor throw', () => {
  const deciders = code.filter(({ file }) => /\.(decider|draft|state|program)\.ts$/.test(file));
  expect(impure(deciders, 'clock', 'random', 'ambient', 'await', 'throw')).toEqual([]);
});

test('projections are functions of the event', () => {
  const projections = code.filter(({ file }) => file.endsWith('.projection.ts'));
  expect(impure(projections, 'clock', 'random', 'ambient', 'await', 'throw')).toEqual([]);
});

test('contracts, kernel and graph know no clock, no random and no outside', () => {
  const pure = code.filter(({ file }) => /^(contracts|libs\/(kernel|graph))\//.test(file));
  expect(impure(pure, 'clock', 'random', 'ambient', 'await')).toEqual([]);
});

test('nodes get time and random from their ports', () => {
  const nodes = code.filter(({ file }) => file.startsWith('libs/nodes/'));
  expect(impure(nodes, 'clock', 'random', 'ambient')).toEqual([]);
});

test('nothing runs text as code or as a pattern', () => {
  // libs/embedded fetches and starts servers on a developer's machine; its patterns are made of its own constants.
  const shipped = code.filter(({ file }) => /^(apps|contracts|libs)\//.test(file) && !file.startsWith('libs/embedded/'));
  expect(impure(shipped, 'run-time code')).toEqual([]);
});

test('each rule finds what it names', () => {
  const example = (text: string): Source => ({ file: 'x.ts', text, parsed: parseSync('x.ts', text), imports: [], owner: undefined });
  const all: Rule[] = ['clock', 'random', 'ambient', 'await', 'throw', 'run-time code'];
  const bad = `Date.now(); new Date(); Date(); setTimeout(f, 1); performance.now(); Math.random(); crypto.randomUUID(); randomUUID();
process.env; fetch(u); await x; throw x; new RegExp(data); RegExp(data + 'x'); new Function('x'); eval(x);`;
  expect(impure([example(bad)], ...all)).toHaveLength(16);
  const good = `new Date(at); Date.parse(at); Math.max(1); new RegExp('^a$'); /x/.test(y); a.process; state.crypto; 'eval'; crypto.createHash('sha256')`;
  expect(impure([example(good)], ...all)).toEqual([]);
});
