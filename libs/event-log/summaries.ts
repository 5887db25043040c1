import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import type { LogPage, LogPages, LogQuery, SequencedEvent } from './event-log.ts';
import { head, readSequenced } from './log-reader.ts';
import { bitsOf, mayHold, PAGE, pageOf, PageSummary } from './page-summary.ts';

const Candidate = z.object({ page: z.int(), summarized: z.boolean() });

const write = (pool: DatabasePool, page: number, { fromTime, toTime, filter }: PageSummary) =>
  pool.query(sql.unsafe`insert into event_log.summaries (page, from_time, to_time, marks)
    values (${page}, ${fromTime}, ${toTime}, ${sql.binary(Buffer.from(filter))}) on conflict do nothing`);

/**
 * Makes summaries from what the sequencer has just placed, when it is in memory anyway: a page is written when all of it
 * has gone by here. The others, such as the one during which a process began, are made by the first search that comes by.
 */
export class Summarizer {
  readonly #pool: DatabasePool;
  #page: PageSummary | null = null;
  #next = 0;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(pool: DatabasePool) {
    this.#pool = pool;
  }

  note(events: readonly SequencedEvent[]): void {
    for (const event of events) {
      if (event.position !== this.#next) this.#page = null;
      if (event.position % PAGE === 1) this.#page = new PageSummary();
      this.#next = event.position + 1;
      this.#page?.add(event);
      if (event.position % PAGE === 0 && this.#page) this.#keep(pageOf(event.position), this.#page);
    }
  }

  #keep(page: number, summary: PageSummary): void {
    this.#page = null;
    // A search makes up for one that could not be written.
    this.#writing = write(this.#pool, page, summary).catch(() => undefined);
  }

  async idle(): Promise<void> {
    await this.#writing;
  }
}

/** The summary of a page that has none; null when the log does not hold all of it: it is the newest one, or was cut by a drop. */
async function summarize(pool: DatabasePool, page: number): Promise<PageSummary | null> {
  const events = await readSequenced(pool, page * PAGE, PAGE);
  if (events.at(-1)?.position !== (page + 1) * PAGE) return null;
  const summary = new PageSummary();
  for (const event of events) summary.add(event);
  await write(pool, page, summary);
  return summary;
}

/** The next `limit` pages that may hold an event with these marks and of this time. What has no summary yet gets one. */
export async function findPages(pool: DatabasePool, query: LogQuery, after: number, limit: number): Promise<LogPages> {
  const { from, to, ...marks } = query;
  const bits = bitsOf(marks);
  const newest = await head(pool);
  if (after >= newest) return { pages: [], upTo: after, head: newest };
  const fits = sql.join(
    [sql.fragment`s.to_time >= ${from ?? '-infinity'} and s.from_time < ${to ?? 'infinity'}`, ...bits.map((bit) => sql.fragment`get_bit(s.marks, ${bit}) = 1`)],
    sql.fragment` and `,
  );
  // The sub-select is lateral, and kept so by its offset: it is asked page by page, and no more once there are enough.
  const found = await pool.any(sql.type(Candidate)`
    select p.page, s.fits is not null as summarized
    from generate_series(
      (select (greatest(first_position, ${after + 1}::bigint) - 1) / ${PAGE} from event_log.positions order by first_position limit 1),
      ${pageOf(newest)}::bigint) as p(page)
    left join lateral (select ${fits} as fits from event_log.summaries s where s.page = p.page offset 0) s on true
    where s.fits is not false limit ${limit}`);
  const pages: LogPage[] = [];
  for (const { page, summarized } of found) {
    const summary = summarized ? null : await summarize(pool, page);
    if (!summary || mayHold(summary, bits)) pages.push({ after: Math.max(after, page * PAGE), to: Math.min(newest, (page + 1) * PAGE) });
  }
  const last = found.length === limit ? found.at(-1) : undefined;
  return { pages, upTo: last ? Math.min(newest, (last.page + 1) * PAGE) : newest, head: newest };
}
