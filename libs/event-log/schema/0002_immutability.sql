-- Up Migration

-- History can't be rewritten: not by a bug, not by hand. Only event_log.drop_partition removes whole partitions.
create function event_log.refuse() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_setting('event_log.dropping', true) = 'on' then
    return null;
  end if;
  raise exception 'event_log.% is append-only: % is refused; append a correcting event instead', tg_table_name, tg_op
    using errcode = 'restrict_violation';
end $$;

create trigger append_only before update or delete or truncate on event_log.commits
  for each statement execute function event_log.refuse();
create trigger append_only before update or delete or truncate on event_log.positions
  for each statement execute function event_log.refuse();
create trigger append_only before update or delete or truncate on event_log.payloads
  for each statement execute function event_log.refuse();

-- A partition is made beside the log and attached: this lock does not stop appends. Its body column is kept
-- in line and uncompressed up to a page: compressing costs more CPU than the append itself.
create function event_log.create_partition(p_from bigint, p_to bigint) returns void language plpgsql as $$
declare
  v_name text := 'commits_' || lpad(p_from::text, 15, '0');
begin
  execute format('create table event_log.%I (like event_log.commits including defaults,
    check (seq >= %s and seq < %s)) with (toast_tuple_target = 8160)', v_name, p_from, p_to);
  execute format('alter table event_log.%I alter column body set storage external', v_name);
  execute format('create unique index %I on event_log.%I (append_id)', v_name || '_append_id', v_name);
  execute format('create trigger append_only before update or delete or truncate on event_log.%I
    for each statement execute function event_log.refuse()', v_name);
  execute format('alter table event_log.commits attach partition event_log.%I for values from (%s) to (%s)',
    v_name, p_from, p_to);
end $$;

create view event_log.partitions as
  select c.relname::text as name,
         (regexp_match(pg_get_expr(c.relpartbound, c.oid), $re$FROM \('?(\d+)'?\)$re$))[1]::bigint as from_seq,
         (regexp_match(pg_get_expr(c.relpartbound, c.oid), $re$TO \('?(\d+)'?\)$re$))[1]::bigint as to_seq
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'event_log.commits'::regclass;

-- Keeps at least one whole partition ahead of the newest commit. Safe to call at any time by anybody.
create function event_log.ensure_partitions(p_size bigint default 5000000) returns int language plpgsql as $$
declare
  v_next bigint;
  v_last bigint;
  v_made int := 0;
begin
  perform pg_advisory_xact_lock(7316, 1);
  select case when is_called then last_value + 1 else last_value end into v_next from event_log.commit_seq;
  select coalesce(max(to_seq), 1) into v_last from event_log.partitions;
  while v_last < v_next + p_size loop
    perform event_log.create_partition(v_last, v_last + p_size);
    v_last := v_last + p_size;
    v_made := v_made + 1;
  end loop;
  return v_made;
end $$;

-- Drops the commits and positions of one partition for good. Refused while anything in it has no position yet.
create function event_log.drop_partition(p_name text) returns void language plpgsql as $$
declare
  v_from bigint;
  v_to bigint;
  v_next bigint;
begin
  perform pg_advisory_xact_lock(7316, 1);
  select from_seq, to_seq into v_from, v_to from event_log.partitions where name = p_name;
  if v_from is null then
    raise exception 'event_log.% is not a partition of the log; see event_log.partitions', p_name;
  end if;
  select last_value into v_next from event_log.commit_seq;
  if v_to > v_next then
    raise exception 'event_log.% is still being written; drop older partitions only', p_name;
  end if;
  execute format('lock table event_log.%I in access exclusive mode', p_name);
  if exists (select from event_log.unsequenced u, unnest(u.seqs) q where q >= v_from and q < v_to) then
    raise exception 'event_log.% holds events without a position; let the relay catch up first', p_name;
  end if;
  perform set_config('event_log.dropping', 'on', true);
  delete from event_log.positions where seq >= v_from and seq < v_to;
  perform set_config('event_log.dropping', 'off', true);
  execute format('alter table event_log.commits detach partition event_log.%I', p_name);
  execute format('drop table event_log.%I', p_name);
end $$;

select event_log.ensure_partitions();

-- The log for people with psql. data is json, not jsonb: jsonb refuses some strings that events may hold.
create view event_log.events as
  select (left(c.append_id::text, 33) || lpad(to_hex(l.n - 1), 3, '0'))::uuid as id,
         p.first_position + l.n - 1 as position,
         c.workspace_id, c.category, c.stream_id,
         c.first_version + l.n - 1 as version,
         split_part(l.line, '"', 4) as type,
         split_part(split_part(l.line, '"schema_version":', 2), ',', 1)::int as schema_version,
         c.time, c.actor, c.correlation_id, c.causation_id, c.traceparent,
         coalesce(substring(l.line from '^\{"type":"[^"]+","schema_version":\d+,"data":(.*)\}$'), (
           select b.body from event_log.payloads b
           where b.hash = substring(l.line from '^\{"type":"[^"]+","schema_version":\d+,"payload_ref":"sha256:([^"]+)"'))
         )::json as data
  from event_log.commits c
  cross join lateral string_to_table(c.body, E'\n') with ordinality l(line, n)
  left join event_log.positions p on p.seq = c.seq;
