import { createEventLog, type EventLog } from '@agent-platform/event-log/index';
import { mark, result } from './emit.ts';
import { inLanes } from './lanes.ts';

const CAUSE = { actor: 'bench', correlation_id: 'bench' };
const TEXT = Array.from({ length: 170 }, (_, i) => String.fromCharCode(97 + ((i * 7) % 26))).join('');

const event = (stream: string, i: number) => ({
  type: 'bench.step_completed',
  schema_version: 1,
  data: {
    workflow: stream,
    step: i,
    kind: 'step.completed',
    attempt: 1,
    started_at: Date.now(),
    result: { i, text: TEXT.slice(0, 100) },
    note: TEXT.slice(100),
  },
});

async function append(log: EventLog, id: string, from: number, n: number, expected: number): Promise<void> {
  const answer = await log.append({
    stream: { workspace_id: 'bench', category: 'bench', stream_id: id },
    expected,
    events: Array.from({ length: n }, (_, k) => event(id, from + k)),
    cause: CAUSE,
  });
  if (answer.status !== 'appended') throw new Error(`append to ${id}: ${answer.status}`);
}

/** W5: the event log itself, with the relay sequencing and publishing what is appended. */
export async function eventLog(databaseUrl: string, scale: number, maxSeconds: number): Promise<void> {
  const log = await createEventLog({ url: databaseUrl });
  const count = (n: number, least: number) => Math.max(least, Math.round(n * scale));
  const deadline = (seconds: number) => performance.now() + Math.min(seconds, maxSeconds) * 1000;

  const warm = count(200, 20);
  await inLanes(warm, 16, deadline(5), (i) => append(log, `warm-${i}`, 0, 1, 0));
  let written = warm;

  mark('start');
  let begin = performance.now();
  let done = await inLanes(count(4000, 100), 16, deadline(10), (i) => append(log, `one-${i}`, 0, 1, 0));
  result('w5', 'append_1', done / ((performance.now() - begin) / 1000), 'appends/s');
  mark('end');
  written += done;

  begin = performance.now();
  done = await inLanes(count(500, 20), 16, deadline(8), (i) => append(log, `many-${i}`, 0, 20, 0));
  result('w5', 'append_20', (done * 20) / ((performance.now() - begin) / 1000), 'events/s');
  written += done * 20;

  written += await readOneStream(log, count(10_000, 1000));
  written += await fill(log, count(100_000, 5000) - written, deadline(15));
  result('w5', 'log_size', written, 'events');
  // Positions are given by the relay, after the commit.
  const first = (await log.readLog(0, 1000)).findIndex(({ category }) => category === 'bench');
  while ((await log.head()) < written + Math.max(0, first)) await new Promise((resolve) => setTimeout(resolve, 20));
  for (const page of [100, 1000]) await readAll(log, page, written, deadline(8));
  await log.close();
}

async function readOneStream(log: EventLog, long: number): Promise<number> {
  for (let at = 0; at < long; at += 500) await append(log, 'long', at, Math.min(500, long - at), at);
  const rates: number[] = [];
  for (let round = 0; round < 3; round++) {
    const begin = performance.now();
    const read = await log.readStream({ workspace_id: 'bench', category: 'bench', stream_id: 'long' });
    if (read.length !== long) throw new Error(`read ${read.length} of ${long}`);
    rates.push(long / ((performance.now() - begin) / 1000));
  }
  result('w5', 'read_stream', rates.sort((a, b) => a - b)[1] ?? 0, 'events/s');
  return long;
}

async function fill(log: EventLog, wanted: number, until: number): Promise<number> {
  let written = 0;
  for (let k = 0; written < wanted && performance.now() < until; k++) {
    const n = Math.min(500, wanted - written);
    await append(log, `fill-${k}`, 0, n, 0);
    written += n;
  }
  return written;
}

async function readAll(log: EventLog, page: number, written: number, until: number): Promise<void> {
  const seen: number[] = [];
  let complete = false;
  const begin = performance.now();
  for (let at = 0; performance.now() < until;) {
    const events = await log.readLog(at, page);
    for (const { position, category } of events) if (category === 'bench') seen.push(position);
    at = events.at(-1)?.position ?? at;
    complete = events.length < page;
    if (complete) break;
  }
  const seconds = (performance.now() - begin) / 1000;
  const distinct = new Set(seen).size;
  result('w5', `read_log_${page}`, seen.length / seconds, 'events/s');
  result('w5', `read_log_${page}_done`, distinct / written, 'share');
  result('w5', `read_log_${page}_wrong`, seen.length - distinct + (complete ? written - distinct : 0), 'events');
}
