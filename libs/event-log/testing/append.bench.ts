import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createEventLog, migrate, type EventLog } from '../index.ts';
import { startNativePostgres } from './native-postgres.ts';

/*
 * Micro-benchmark of the log alone, on a Postgres of its own with durable settings. Run it with
 * `node libs/event-log/testing/append.bench.ts --writers 50 --events 2 --seconds 5`.
 * CPU is that of this process and of all Postgres processes, per append.
 */
const { values } = parseArgs({
  options: {
    writers: { type: 'string', default: '50' },
    events: { type: 'string', default: '2' },
    bytes: { type: 'string', default: '300' },
    seconds: { type: 'string', default: '5' },
    inflight: { type: 'string', default: '2' },
    batch: { type: 'string', default: '200' },
    lease: { type: 'boolean', default: false },
    commands: { type: 'boolean', default: false },
    warmup: { type: 'string', default: '2' },
    sequencer: { type: 'boolean', default: false },
    streams: { type: 'string', default: '0' },
  },
});
const [writers, perAppend, bytes, seconds] = [values.writers, values.events, values.bytes, values.seconds].map(Number) as [number, number, number, number];

/** Seconds of CPU of the postmaster and its children; those that have ended are counted by their parent. */
const postgresCpu = (postmaster: number): number => {
  let ticks = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      if (Number(name) === postmaster) ticks += Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]);
      else if (Number(fields[1]) === postmaster) ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // The process ended while we looked.
    }
  }
  return ticks / 100;
};

/** Text as compressible as prose, so that storage options are compared fairly. */
const prose = (length: number) => {
  let text = '';
  while (text.length < length)
    text += `${Math.random()
      .toString(36)
      .slice(2, 2 + Math.random() * 9)} `;
  return text.slice(0, length);
};
const data = { text: prose(bytes / 2), run_id: 'run-1', node: { id: 'a', kind: 'model', tokens: 123, ok: true }, items: [1, 2, 3], note: prose(bytes / 5) };
const events = Array.from({ length: perAppend }, () => ({ type: 'node.completed', schema_version: 1, data }));
const cause = { actor: 'user:ann', correlation_id: '01900000-0000-7000-8000-000000000001' };

async function measure(name: string, postmaster: number, work: () => Promise<number>): Promise<void> {
  const cpu = process.cpuUsage();
  const before = postgresCpu(postmaster);
  const start = performance.now();
  const done = await work();
  const took = (performance.now() - start) / 1000;
  const client = process.cpuUsage(cpu);
  const us = (x: number) => ((x * 1e6) / done).toFixed(1);
  process.stdout.write(
    `${name}: ${Math.round(done / took)}/s; CPU per item: client ${us((client.user + client.system) / 1e6)} us, postgres ${us(postgresCpu(postmaster) - before)} us\n`,
  );
}

async function write(log: EventLog, writer: number, until: number): Promise<number> {
  let count = 0;
  let version = 0;
  let epoch = 0;
  let stream = { workspace_id: 'acme', category: 'run', stream_id: `w${writer}-0` };
  const length = Number(values.streams);
  for (; performance.now() < until; count++) {
    if (length > 0 && count % length === 0) {
      stream = { ...stream, stream_id: `w${writer}-${count}` };
      version = 0;
      epoch = 0;
    }
    const result = await log.append({
      stream,
      expected: version,
      events,
      cause,
      ...(values.lease && {
        lease: epoch ? { use: 'hold' as const, owner: writer + 1, epoch, ttlMs: 30_000 } : { use: 'claim' as const, owner: writer + 1, ttlMs: 30_000 },
      }),
      ...(values.commands && { command: { id: `c${writer}-${count}`, fingerprint: 'f' } }),
    });
    if (result.status !== 'appended') throw new Error(JSON.stringify(result));
    version = result.last_version;
    epoch = result.epoch ?? 0;
  }
  return count;
}

const postgres = await startNativePostgres(['shared_buffers=128MB', 'max_wal_size=1GB', 'min_wal_size=1GB']);
try {
  await migrate(postgres.url);
  const log = await createEventLog({ url: postgres.url, inFlight: Number(values.inflight), batchSize: Number(values.batch) });
  const drain = async () => {
    let count = 0;
    for (let page = await log.sequence(1000); page.length > 0; page = await log.sequence(1000)) count += page.length;
    return count;
  };
  const appends = async (forSeconds: number) => {
    const until = performance.now() + forSeconds * 1000;
    let running = true;
    const sequencer =
      values.sequencer &&
      (async () => {
        while (running) if ((await log.sequence(1000)).length === 0) await delay(5);
      })();
    const counts = await Promise.all(Array.from({ length: writers }, (_, writer) => write(log, writer + Math.round(until) * 1000, until)));
    running = false;
    await sequencer;
    return counts.reduce((sum, count) => sum + count, 0);
  };
  await appends(Number(values.warmup));
  await measure(`appends of ${perAppend}`, postgres.pid, () => appends(seconds));
  await measure('sequenced events', postgres.pid, drain);
  const head = await log.head();
  const readAll = async (from: number, to: number) => {
    let position = from;
    while (position < to) position = (await log.readLog(position, 1000)).at(-1)?.position ?? to;
    return to - from;
  };
  await readAll(0, Math.min(head, 20_000));
  await measure('read events, first 100,000', postgres.pid, () => readAll(0, Math.min(head, 100_000)));
  await measure('read events, last 100,000', postgres.pid, () => readAll(Math.max(0, head - 100_000), head));
  await measure('sequenced text read, first 100,000', postgres.pid, async () => {
    let position = 0;
    while (position < Math.min(head, 100_000)) position = (await log.readSequenced(position, 1000)).at(-1)?.position ?? head;
    return position;
  });
  await measure('lone append', postgres.pid, () => write(log, 999_999_999, performance.now() + 1000));
  await log.close();
} finally {
  await postgres.stop();
}
