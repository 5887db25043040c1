import { parseSync, Visitor } from 'vite';
import { expect, test } from 'vitest';
import { EGRESS, OUTWARD, OUTWARD_CALLS } from './egress.ts';
import { isTestCode, readWorkspace, type Source } from './workspace.ts';

const { sources } = await readWorkspace();
const code = sources.filter(({ file }) => !isTestCode(file));

/** What of a file opens connections. */
function outward({ parsed }: Pick<Source, 'parsed'>): string[] {
  const { staticImports } = parsed.module;
  const values = staticImports.filter(({ entries }) => entries.length === 0 || entries.some(({ isType }) => !isType));
  const found = values.map(({ moduleRequest }) => moduleRequest.value).filter((name) => OUTWARD.test(name));
  const name = (callee: { readonly type: string }): string | undefined => ('name' in callee && typeof callee.name === 'string' ? callee.name : undefined);
  const look = ({ callee }: { readonly callee: { readonly type: string } }): void => {
    const called = name(callee);
    if (called !== undefined && OUTWARD_CALLS.has(called)) found.push(called);
  };
  new Visitor({
    CallExpression: look,
    NewExpression: look,
    MemberExpression({ object, property }) {
      if (name(object) === 'globalThis' && OUTWARD_CALLS.has(name(property) ?? '')) found.push('globalThis');
    },
    ImportExpression({ source }) {
      if (source.type === 'Literal' && typeof source.value === 'string' && OUTWARD.test(source.value)) found.push(source.value);
    },
  }).visit(parsed.program);
  return found;
}

const listed = (file: string): string | undefined => Object.keys(EGRESS).find((place) => file === place || (place.endsWith('/') && file.startsWith(place)));

test('nobody opens connections but those who are listed with a reason', () => {
  const strangers = code.filter(({ file }) => !listed(file)).flatMap((source) => outward(source).map((what) => `${source.file}: ${what}`));
  expect(strangers).toEqual([]);
});

test('everybody who is listed is there, and opens connections', () => {
  const users = new Set(code.filter((source) => outward(source).length > 0).map(({ file }) => listed(file)));
  expect(Object.keys(EGRESS).filter((place) => !users.has(place) && !place.startsWith('scripts'))).toEqual([]);
});

test('features, nodes and ports open none: what they need from outside comes through a port', () => {
  const inside = code.filter(({ file }) => /^(?:contracts|libs\/(?:kernel|graph|ports|nodes|features))\//.test(file));
  expect(inside.length).toBeGreaterThan(100);
  expect(inside.flatMap((source) => outward(source))).toEqual([]);
});

test('the doors of the guard are what executors hand out', () => {
  for (const file of ['apps/executor/main.ts', 'apps/platform/roles.ts']) {
    const text = code.find((source) => source.file === file)?.text ?? '';
    expect(text, file).toMatch(/http: createHttpPort\(/);
    expect(text, file).toMatch(/createMcpPort\(\{ fetch: createGuardedFetch\(/);
    expect(text, file).toMatch(/createMailPort\(config, createGuardedConnect\(/);
  }
});

test('every way out is found', () => {
  const ways = [
    'fetch(u)',
    'globalThis.fetch(u)',
    'new WebSocket(u)',
    `import('undici')`,
    `const a = await import('node:net')`,
    `import { request } from 'node:https'`,
    `import ws from 'ws'`,
  ];
  for (const text of ways) expect(outward({ parsed: parseSync('x.ts', text) }), text).not.toEqual([]);
  expect(outward({ parsed: parseSync('x.ts', `import type { Socket } from 'node:net'; prefetch(u)`) })).toEqual([]);
});
