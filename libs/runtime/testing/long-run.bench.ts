// node libs/runtime/testing/long-run.bench.ts [events] [letters] [attempts]: what loading a long run costs with and without its
// snapshot, on a Postgres of its own. Each node asks and answers with so many letters, and succeeds at so manieth attempt.
import { createEventLog, migrate } from '@agent-platform/event-log/index';
import { startNativePostgres } from '@agent-platform/event-log/testing/native-postgres';
import { runFeature, type RunEvent } from '@agent-platform/run/index';
import { loadState } from '../lookup.ts';
import { StreamStates } from '../stream-states.ts';

const EVENTS = Number(process.argv[2] ?? 10_000);
const LETTERS = Number(process.argv[3] ?? 200);
const ATTEMPTS = Number(process.argv[4] ?? 1);
const TURNS = 25;
const tell = (fields: object, message: string): void => void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
const logger = { debug: () => undefined, info: () => undefined, warn: tell, error: tell };
const STREAM = { workspace_id: 'acme', category: 'run', stream_id: 'long' };

const text = (n: number): string => `${n}: ${'parcels arrive within three days, and a lost one is sent again. '.repeat(1 + LETTERS / 60)}`.slice(0, LETTERS);
const nodeOf = (n: number) => ({ node_id: `n${Math.floor(n / ATTEMPTS)}`, node_type: 'llm', attempt: 1 + (n % ATTEMPTS) });
const started = (n: number): RunEvent => ({
  type: 'node.started',
  data: { ...nodeOf(n), key: `acme/long/n${n}`, request: { model: 'm', messages: [{ role: 'user', content: text(n) }] } },
});
const ended = (n: number): RunEvent => {
  const { attempt, ...node } = nodeOf(n);
  if (attempt === ATTEMPTS)
    return {
      type: 'node.completed',
      data: { ...node, attempt, output_json: { text: text(n), usage: { input: 40, output: 60 } }, output_text: text(n) },
    };
  const error = { code: 'http-status', message: 'The tool answered 503.' };
  return { type: 'node.retry_scheduled', data: { ...node, attempt: attempt + 1, due_at: '2026-01-01T00:00:00.000Z', timer_id: `t${n}`, error } };
};
const created: RunEvent = {
  type: 'run.created',
  data: {
    workflow: { workflow_id: 'w', workflow_version_id: 'v', number: 1, definition_version: 1 },
    app_id: null,
    app_version_id: null,
    session_id: null,
    input: { ticket: text(0) },
    entry: [],
    initial_node: null,
    held: false,
  },
};

async function measure(load: () => Promise<unknown>): Promise<{ readonly ms: number; readonly cpu: number }> {
  const times: number[] = [];
  await load();
  const before = process.cpuUsage();
  for (let turn = 0; turn < TURNS; turn++) {
    const begin = performance.now();
    await load();
    times.push(performance.now() - begin);
  }
  const { user, system } = process.cpuUsage(before);
  return { ms: times.toSorted((a, b) => a - b)[Math.floor(TURNS / 2)] ?? 0, cpu: (user + system) / 1000 / TURNS };
}

const server = await startNativePostgres();
await migrate(server.url);
const log = await createEventLog({ url: server.url });
const append = (events: readonly RunEvent[]) =>
  log.append({
    stream: STREAM,
    expected: 'any',
    events: events.map((event) => ({ ...event, schema_version: 1 })),
    cause: { actor: 'bench', correlation_id: 'b' },
  });
// As an executor does: the outcome of one node and the intent of the next in one commit.
await append([created, started(0)]);
for (let n = 1; n < EVENTS / 2; n++) await append([ended(n - 1), started(n)]);

const states = new StreamStates({ log, logger });
const none = await measure(() => loadState(log, runFeature, STREAM));
const begin = performance.now();
await states.load(runFeature, STREAM);
const first = performance.now() - begin;
await states.idle();
const written = performance.now() - begin - first;
const atSnapshot = await measure(() => states.load(runFeature, STREAM));
for (let n = EVENTS / 2; n < EVENTS / 2 + 250; n++) await append([ended(n - 1), started(n)]);
const withTail = await measure(() => states.load(runFeature, STREAM));
const unknown = await measure(() => new StreamStates({ log, logger }).load(runFeature, STREAM));
const show = ({ ms, cpu }: { ms: number; cpu: number }): string =>
  `${ms.toFixed(1)} ms, ${cpu.toFixed(1)} ms of CPU here (${(none.ms / ms).toFixed(1)} times as fast)`;
process.stdout.write(`${EVENTS} events, ${LETTERS} letters, ${ATTEMPTS} attempts
from its events          ${show(none)}
writing the snapshot     ${written.toFixed(1)} ms in the background
from a fresh snapshot    ${show(atSnapshot)}
with a tail of 500       ${show(withTail)}
by another process       ${show(unknown)}
`);
await log.close();
await server.stop();
