-- Up Migration

-- Gives dense positions to what has committed, in the order of seq, and returns it. The row lock makes a second
-- sequencer wait, and then see what the first one did.
create function event_log.sequence(p_limit int) returns table (
  first_position bigint, append_id uuid, first_version bigint, event_count int, "time" timestamptz, workspace_id text,
  category text, stream_id text, actor text, correlation_id text, causation_id text, traceparent text, body text
) language plpgsql
  set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_head bigint;
  v_seqs bigint[];
  v_counts int[];
  v_events bigint;
begin
  select s.head into v_head from event_log.sequencer s for update;
  with due as (
    select u.id, sum(u.events) over (order by u.id) - u.events as before from event_log.unsequenced u order by u.id limit p_limit
  ), taken as (
    delete from event_log.unsequenced u where u.id = any (array(select due.id from due where due.before < p_limit))
    returning u.seqs, u.counts
  )
  select array_agg(q.seq order by q.seq), array_agg(q.count order by q.seq), sum(q.count)
    into v_seqs, v_counts, v_events
    from taken t cross join lateral unnest(t.seqs, t.counts) as q(seq, count);
  if v_seqs is null then return; end if;

  insert into event_log.positions (first_position, seq, event_count)
    select v_head + 1 + sum(q.count) over (order by q.n) - q.count, q.seq, q.count
    from unnest(v_seqs, v_counts) with ordinality as q(seq, count, n);
  update event_log.sequencer set head = v_head + v_events;

  return query
    select v_head + 1 + sum(c.event_count) over (order by c.seq) - c.event_count, c.append_id, c.first_version, c.event_count,
           c.time, c.workspace_id, c.category, c.stream_id, c.actor, c.correlation_id, c.causation_id, c.traceparent, c.body
    from event_log.commits c where c.seq = any (v_seqs) order by c.seq;
end $$;

-- Commits that hold the positions after p_after up to p_after + p_limit. Where old partitions have been dropped,
-- the page begins at the first position that is left.
create function event_log.read_log(p_after bigint, p_limit int) returns table (
  first_position bigint, append_id uuid, first_version bigint, event_count int, "time" timestamptz, workspace_id text,
  category text, stream_id text, actor text, correlation_id text, causation_id text, traceparent text, body text
) language plpgsql stable
  set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_from bigint;
begin
  select p.first_position into v_from from event_log.positions p
    where p.first_position <= p_after + 1 order by p.first_position desc limit 1;
  if v_from is null or (v_from <= p_after and not exists (
      select from event_log.positions p where p.first_position = v_from and p.first_position + p.event_count > p_after + 1)) then
    select p.first_position into v_from from event_log.positions p
      where p.first_position > p_after order by p.first_position limit 1;
    if v_from is null then return; end if;
  end if;
  return query
    select p.first_position, c.append_id, c.first_version, c.event_count, c.time, c.workspace_id, c.category, c.stream_id,
           c.actor, c.correlation_id, c.causation_id, c.traceparent, c.body
    from (select p.first_position, p.seq from event_log.positions p
          where p.first_position >= v_from and p.first_position < greatest(v_from, p_after + 1) + p_limit
          order by p.first_position) p
    cross join lateral (select c.* from event_log.commits c where c.seq = p.seq offset 0) c;
end $$;

-- Many streams in one question: ranges of versions, sorted as asked. p_limit counts events; 0: all.
create function event_log.read_streams(p_workspaces text, p_categories text, p_streams text, p_from bigint[], p_to bigint[], p_limit bigint[])
returns table (
  asked int, append_id uuid, first_version bigint, event_count int, "time" timestamptz,
  actor text, correlation_id text, causation_id text, traceparent text, body text
) language plpgsql stable
  set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
begin
  return query
    select i.n::int, c.append_id, c.first_version, c.event_count, c.time, c.actor, c.correlation_id, c.causation_id, c.traceparent, c.body
    from unnest(string_to_array(p_workspaces, E'\n'), string_to_array(p_categories, E'\n'), string_to_array(p_streams, E'\n'),
                p_from, p_to, p_limit) with ordinality as i(ws, cat, sid, low, high, most, n)
    cross join lateral (
      select s.stream_no, s.first_seq, s.last_seq, s.version from event_log.streams s
      where s.workspace_id = i.ws and s.category = i.cat and s.stream_id = i.sid and s.version >= i.low offset 0
    ) s
    cross join lateral (
      select c.* from event_log.commits c
      where c.stream_no = s.stream_no and c.seq between s.first_seq and s.last_seq and c.first_version <= i.high
        and c.first_version >= case when i.low <= 1 then 1 else coalesce((
          select b.first_version from event_log.commits b
          where b.stream_no = s.stream_no and b.seq between s.first_seq and s.last_seq and b.first_version <= i.low
          order by b.first_version desc limit 1), 1) end
      order by c.first_version limit nullif(i.most, 0)
    ) c;
end $$;

create function event_log.position_of(p_append_id uuid, p_index int) returns bigint language plpgsql stable
  set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set plan_cache_mode = force_generic_plan
as $$
begin
  return (select p.first_position + p_index
          from event_log.commits c join event_log.positions p on p.seq = c.seq
          where c.append_id = p_append_id and p_index < c.event_count);
end $$;
