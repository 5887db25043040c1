import { describe, expect, test } from 'vitest';
import { cell, durationText, safeText, shorten } from './cell.text.ts';
import { CliError } from './cli.error.ts';
import { createColors } from './colors.ts';
import { eventText, readEvent } from './event.text.ts';
import { tailSubject } from './events.commands.ts';
import { exitCodeOf } from './exit.code.ts';
import { keyValue, streamName } from './option.value.ts';
import { itemText, listText } from './output.ts';
import { problemText } from './problem.text.ts';
import { findingsText, planText } from './validation.text.ts';

const plain = createColors(false);

describe('cells', () => {
  test.each([
    [null, '-'],
    [undefined, '-'],
    [true, 'true'],
    [{ a: 1 }, '{"a":1}'],
    [{ code: 'timeout', message: 'No answer\nin 5 s.', node_id: 'ask' }, 'timeout: No answer in 5 s. (node ask)'],
    [{ code: 'http', message: 'x'.repeat(80) }, `http: ${'x'.repeat(53)}…`],
    [{ code: 'a', message: 7 }, '{"code":"a","message":7}'],
    ['2026-01-02T03:04:05.678Z', '2026-01-02 03:04:05Z'],
    ['two\nlines', 'two lines'],
  ])('%j is %s', (value, shown) => expect(cell(value)).toBe(shown));

  test('long texts end in an ellipsis, and count characters, not halves of them', () => {
    expect(shorten('abcdef', 4)).toBe('abc…');
    expect(shorten('😀😀😀', 3)).toBe('😀😀😀');
  });

  test('nothing from outside can move the cursor', () => expect(safeText('a\u001b[2Jb\u0007\r')).toBe('a�[2Jb��'));

  test.each([
    [5, '5ms'],
    [2100, '2.1s'],
    [200_000, '3m 20s'],
    [7_500_000, '2h 5m'],
  ])('%d ms is %s', (ms, text) => expect(durationText(ms)).toBe(text));
});

describe('answers', () => {
  const page = {
    items: [
      { id: 'a', status: 'completed' },
      { id: 'long-one', status: null },
    ],
    next_cursor: null,
  };
  const columns = [
    ['ID', 'id'],
    ['STATUS', 'status'],
  ] as const;
  test('as a table', () => expect(listText('table', page, columns, plain)).toBe('ID        STATUS\na         completed\nlong-one  -'));
  test('an empty table says so', () => expect(listText('table', { items: [] }, columns, plain)).toBe('(none)'));
  test('as json: the page', () => expect(JSON.parse(listText('json', page, columns, plain))).toEqual(page));
  test('as jsonl: a line for each', () =>
    expect(
      listText('jsonl', page, columns, plain)
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(page.items));
  test('one thing: a line for each field that is there', () =>
    expect(
      itemText(
        'table',
        { id: 'a', status: null, name: 'A' },
        [
          ['Id', 'id'],
          ['Status', 'status'],
          ['Name', 'name'],
        ],
        plain,
      ),
    ).toBe('Id      a\nName    A'));
});

test('a problem tells title, detail, fields with remedies and the request id', () => {
  const error = new CliError(
    {
      title: 'Invalid input',
      code: 'invalid',
      detail: 'The body is wrong.',
      request_id: 'r-1',
      retry_after_seconds: 3,
      errors: [
        { field: '/name', rule: 'is required', remedy: 'send it' },
        { field: '', rule: 'must be an object' },
      ],
    },
    1,
  );
  expect(problemText(error, plain)).toBe(
    'Invalid input (invalid)\n  The body is wrong.\n  /name: is required\n    remedy: send it\n  (whole): must be an object\n  Try again in 3 s.\n  request id r-1',
  );
});

test.each([
  [400, 1],
  [404, 3],
  [409, 4],
  [429, 5],
  [500, 1],
  [503, 5],
])('status %d ends with %d', (status, code) => expect(exitCodeOf(status)).toBe(code));

test('values of options', () => {
  expect(keyValue('n=2', { a: 'x' })).toEqual({ a: 'x', n: 2 });
  expect(keyValue('text=a=b c')).toEqual({ text: 'a=b c' });
  expect(keyValue('none=null')).toEqual({ none: null });
  expect(() => keyValue('nothing')).toThrow('Give key=value');
  expect(streamName('run/r-1')).toEqual({ category: 'run', stream_id: 'r-1' });
  expect(streamName('acme/run/r-1')).toEqual({ workspace_id: 'acme', category: 'run', stream_id: 'r-1' });
  for (const bad of ['run', 'a/b/c/d', 'run/../x', '/x']) expect(() => streamName(bad), bad).toThrow('Give category/id');
});

test.each([
  [{}, 'evt.acme.*.*.>'],
  [{ category: 'run' }, 'evt.acme.run.*.>'],
  [{ type: 'node.completed' }, 'evt.acme.*.*.node.completed'],
  [{ type: 'human_task', category: 'human_task' }, 'evt.acme.human_task.*.human_task.>'],
  [{ subject: 'evt.>' }, 'evt.>'],
])('tail of %j listens to %s', (options, subject) => expect(tailSubject('acme', options)).toBe(subject));

test('an event is one line; what is no event is none', () => {
  const event = {
    id: '0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b',
    type: 'run.created',
    schema_version: 1,
    workspace_id: 'acme',
    category: 'run',
    stream_id: 'r-1',
    version: 1,
    position: 12,
    time: '2026-01-02T03:04:05.678Z',
    actor: 'http',
    correlation_id: 'c',
    data: { input: {} },
  };
  const read = readEvent(JSON.stringify(event));
  expect(read && eventText(read, plain)).toBe('2026-01-02 03:04:05Z      12  run.created              run/r-1@1  {"input":{}}');
  expect(readEvent('{}')).toBeNull();
  expect(readEvent('nonsense')).toBeNull();
});

describe('validation', () => {
  const finding = { code: 'cycle', field: '/edges/1', rule: 'closes a cycle', remedy: 'Remove it.', line: 4 };
  test('tells each finding with its remedy', () => {
    expect(findingsText('a.yaml', { valid: false, errors: [finding], warnings: [], plan: null }, plain)).toBe(
      '✘ /edges/1: closes a cycle (line 4)\n    remedy: Remove it.\nnot valid: a.yaml, 1 error, 0 warnings',
    );
  });
  test('shows the order of a valid document', () => {
    expect(planText('a.yaml', { valid: true, errors: [], warnings: [], plan: { entry: ['a'], groups: [['a'], ['b', 'c']], unordered: [] } }, plain)).toBe(
      '  1  a\n  2  b  c',
    );
  });
});
