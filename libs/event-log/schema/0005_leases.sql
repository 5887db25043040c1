-- Up Migration

-- Extends leases; locks in the order given, which is the order of keys, as appends do.
create function event_log.renew(p_workspaces text, p_categories text, p_streams text, p_owners int[], p_epochs int[], p_ttl bigint)
returns table (asked int, version bigint) language plpgsql
  set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_asked int[];
  v_no bigint[];
  v_version bigint[];
begin
  select array_agg(i.n), array_agg(s.stream_no), array_agg(s.version) into v_asked, v_no, v_version
    from unnest(string_to_array(p_workspaces, E'\n'), string_to_array(p_categories, E'\n'), string_to_array(p_streams, E'\n'),
                p_owners, p_epochs) with ordinality as i(ws, cat, sid, mine, known, n)
    cross join lateral (
      select s.stream_no, s.version from event_log.streams s
      where s.workspace_id = i.ws and s.category = i.cat and s.stream_id = i.sid and s.lease_owner = i.mine and s.epoch = i.known
      for update
    ) s;
  update event_log.streams s set lease_until = clock_timestamp() + p_ttl * interval '1 millisecond' where s.stream_no = any (v_no);
  return query select i.asked, i.version from unnest(v_asked, v_version) as i(asked, version);
end $$;

create function event_log.abandoned(p_category text, p_limit int) returns table (workspace_id text, stream_id text)
language plpgsql stable set enable_seqscan = off set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_alive int[] := event_log.alive_owners();
begin
  return query
    select s.workspace_id, s.stream_id from event_log.streams s
    where s.category = p_category and s.lease_owner is not null
      and (s.lease_until < clock_timestamp() or s.lease_owner <> all (v_alive))
    order by s.stream_no limit p_limit;
end $$;
