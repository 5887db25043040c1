import { sql, type DatabasePool } from 'slonik';
import { z } from 'zod';

const Position = z.object({ position: z.int() });
const Moved = z.object({ moved: z.boolean() });

export const readCursor = async (pool: DatabasePool, name: string): Promise<number> =>
  (await pool.maybeOne(sql.type(Position)`select position from event_log.cursors where name = ${name}`))?.position ?? 0;

/** Compare-and-set; a cursor that was never moved stands at 0. */
export const moveCursor = async (pool: DatabasePool, name: string, from: number, to: number): Promise<boolean> =>
  (
    await pool.one(sql.type(Moved)`
      with moved as (update event_log.cursors set position = ${to} where name = ${name} and position = ${from} returning 1),
      made as (
        insert into event_log.cursors (name, position)
        select ${name}, ${to}::bigint where ${from}::bigint = 0 and not exists (select from moved)
        on conflict do nothing returning 1)
      select exists (select from moved) or exists (select from made) as moved`)
  ).moved;
