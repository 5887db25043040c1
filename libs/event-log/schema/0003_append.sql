-- Up Migration

create function event_log.alive_owners() returns int[] language sql stable as $$
  select coalesce(array_agg(l.objid::bigint::int), '{}')
  from pg_locks l
  where l.locktype = 'advisory' and l.classid = 7317 and l.objsubid = 2 and l.granted
    and l.database = (select oid from pg_database where datname = current_database())
$$;

create function event_log.owner_is_alive(p_owner int) returns boolean language sql stable as $$
  select p_owner = any (event_log.alive_owners())
$$;

-- Appends a batch in one transaction. Column k of every parameter belongs to append k. Text columns come joined
-- by a line feed (bodies by U+001E), which the client has made sure none of the values holds: splitting is far
-- cheaper than array or JSON quoting. The client gives at most one append per stream, command id and reserved
-- key, sorted by stream key: locks are taken in that order everywhere, so batches can't deadlock.
--
-- Every statement here sees what has committed before it began (READ COMMITTED), so what is read after a lock
-- is the truth for as long as the lock is held.
--
-- p_expected: >= 0 exactly, -1 exists, -2 any.  p_lease_use: 0 none, 1 claim, 2 hold.
-- Answer, comma-separated: 0 appended, 1 duplicate, 2 command reused, 3 conflict, 4 reserved, 5 leased, 6 stale,
-- 7 found (this append id is in the log already), 8 again (lost a race in which nothing was expected).
-- The plan settings force index lookups, whatever the statistics of a young table say.
create function event_log.append_batch(
  p_retry boolean,
  p_append_ids uuid[], p_workspaces text, p_categories text, p_streams text,
  p_expected bigint[], p_counts int[], p_bodies text,
  p_actors text, p_correlations text, p_causations text, p_traces text,
  p_lease_use int[], p_owners int[], p_epochs int[], p_ttls bigint[], p_release boolean[],
  p_commands text, p_fingerprints text,
  p_res_of int[], p_res_scopes text, p_res_keys text, p_res_release boolean[],
  out at timestamptz, out statuses text, out versions text, out epochs text, out details text
) language plpgsql
  set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  n int := cardinality(p_append_ids);
  v_ws text[] := string_to_array(p_workspaces, E'\n');
  v_cat text[] := string_to_array(p_categories, E'\n');
  v_sid text[] := string_to_array(p_streams, E'\n');
  v_commands text[] := string_to_array(p_commands, E'\n', '');
  v_fps text[] := string_to_array(p_fingerprints, E'\n', '');
  v_scopes text[] := string_to_array(p_res_scopes, E'\n');
  v_keys text[] := string_to_array(p_res_keys, E'\n');
  v_no bigint[]; v_version bigint[]; v_epoch int[]; v_owner int[]; v_until timestamptz[];
  v_new boolean[];
  v_seq bigint[];
  v_status int[];
  v_details jsonb := '{}';
  v_alive int[];
  v_now timestamptz; -- leases are judged by the exact clock
  v_time timestamptz; -- events carry milliseconds
  v_inserted bigint[];
  v_of int;
  v_next_epoch int[];
  r record;
begin
  -- 1. Lock the streams that exist, in the order given (a lateral sub-select can only be a nested loop), compare
  -- versions, and take numbers: after the lock, so within a stream the order of seq is the order of versions.
  -- Numbers of losers stay unused.
  select array_agg(coalesce(s.stream_no, nextval('event_log.stream_no_seq'))), array_agg(s.stream_no is null),
         array_agg(s.version), array_agg(s.epoch), array_agg(s.lease_owner), array_agg(s.lease_until),
         array_agg(case when i.count > 0 then nextval('event_log.commit_seq') end),
         array_agg(case when i.expected = -2 or i.expected = coalesce(s.version, 0) then 0
                        when i.expected = -1 and s.version > 0 then 0 else 3 end)
    into v_no, v_new, v_version, v_epoch, v_owner, v_until, v_seq, v_status
    from unnest(v_ws, v_cat, v_sid, p_expected, p_counts) as i(ws, cat, sid, expected, count)
    left join lateral (
      select s.stream_no, s.version, s.epoch, s.lease_owner, s.lease_until from event_log.streams s
      where s.workspace_id = i.ws and s.category = i.cat and s.stream_id = i.sid for update
    ) s on true;
  v_now := clock_timestamp();
  v_time := date_trunc('milliseconds', v_now);

  -- 2. Leases. Who is alive is asked once, and only when somebody else's running lease stands in the way.
  if p_lease_use is not null then
    if exists (select from unnest(p_lease_use, p_owners, v_owner, v_until) as i(use, mine, owner, until)
               where i.use = 1 and i.owner <> i.mine and i.until >= v_now) then
      v_alive := event_log.alive_owners();
    end if;
    select array_agg(
        case when i.use = 1 and i.owner <> i.mine and i.until >= v_now and i.owner = any (v_alive) then 5
             when i.use = 2 and (i.owner is distinct from i.mine or i.epoch is distinct from i.known) then 6
             else i.status end),
      array_agg(
        case when i.use = 1 and (i.owner is distinct from i.mine or i.until < v_now) then coalesce(i.epoch, 0) + 1
             else coalesce(i.epoch, 0) end)
      into v_status, v_next_epoch
      from unnest(p_lease_use, p_owners, p_epochs, v_owner, v_until, v_epoch, v_status)
        as i(use, mine, known, owner, until, epoch, status);
    for k in 1..n loop
      if v_status[k] = 5 then v_details := v_details || jsonb_build_object(k, v_owner[k]); end if;
      if v_status[k] not in (5, 6) then v_epoch[k] := v_next_epoch[k]; end if;
    end loop;
  end if;

  -- 3. An append that is asked again after an unknown outcome: its first try held the same lock, so it is over.
  if p_retry then
    for r in
      select i.k, c.first_version, c.time from unnest(p_append_ids) with ordinality as i(id, k)
      cross join lateral (select c.first_version, c.time from event_log.commits c where c.append_id = i.id offset 0) c
    loop
      v_status[r.k] := 7;
      v_details := v_details || jsonb_build_object(r.k, jsonb_build_object('first_version', r.first_version,
        'time', to_char(r.time at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')));
    end loop;
  end if;

  -- 4. Command ids. The second look finds what a concurrent transaction has committed while we waited for it.
  if p_commands is not null then
    for pass in 1..2 loop
      for r in
        select i.k, c.* , i.fp = c.fingerprint as same
        from unnest(v_ws, v_commands, v_fps, p_append_ids) with ordinality as i(ws, cmd, fp, id, k)
        cross join lateral (
          select c.* from event_log.commands c where c.workspace_id = i.ws and c.command_id = i.cmd offset 0
        ) c
        where i.cmd is not null and c.append_id <> i.id
      loop
        v_status[r.k] := case when r.same then 1 else 2 end;
        if r.same then
          v_details := v_details || jsonb_build_object(r.k, jsonb_build_object('category', r.category, 'stream_id', r.stream_id,
            'first_version', r.first_version, 'event_count', r.event_count, 'append_id', r.append_id));
        end if;
      end loop;
      exit when pass = 2;
      insert into event_log.commands
        select i.ws, i.cmd, i.fp, i.cat, i.sid, coalesce(i.version, 0) + 1, i.count, i.id
        from unnest(v_ws, v_commands, v_fps, v_cat, v_sid, v_version, p_counts, p_append_ids, v_status)
          as i(ws, cmd, fp, cat, sid, version, count, id, status)
        where i.status = 0 and i.cmd is not null
        order by i.ws, i.cmd
        on conflict do nothing;
    end loop;
  end if;

  -- 5. Reservations: take, then look who holds. Giving back is done at the end, for winners only.
  if p_res_of is not null then
    insert into event_log.reservations
      select v_ws[i.k], i.scope, i.key, v_cat[i.k], v_sid[i.k], p_append_ids[i.k]
      from unnest(p_res_of, v_scopes, v_keys, p_res_release) as i(k, scope, key, release)
      where v_status[i.k] = 0 and not i.release
      order by v_ws[i.k], i.scope, i.key
      on conflict do nothing;
    for r in
      select i.k, i.scope, i.key, h.stream_id from unnest(p_res_of, v_scopes, v_keys, p_res_release) as i(k, scope, key, release)
      cross join lateral (
        select h.category, h.stream_id from event_log.reservations h
        where h.workspace_id = v_ws[i.k] and h.scope = i.scope and h.key = i.key offset 0
      ) h
      where v_status[i.k] = 0 and not i.release and (h.category <> v_cat[i.k] or h.stream_id <> v_sid[i.k])
    loop
      v_status[r.k] := 4;
      v_details := v_details || jsonb_build_object(r.k, jsonb_build_object('scope', r.scope, 'key', r.key, 'holder', r.stream_id));
    end loop;
  end if;

  -- 6. New streams. Who loses this race meets the winner's stream.
  if true = any (v_new) then
    with made as (
      insert into event_log.streams (stream_no, workspace_id, category, stream_id, version, first_seq, last_seq, epoch, lease_owner, lease_until)
        select i.no, i.ws, i.cat, i.sid, i.count, i.seq, i.seq, coalesce(i.epoch, 0),
               case when i.use > 0 and not i.release then i.mine end,
               case when i.use > 0 and not i.release then v_now + i.ttl * interval '1 millisecond' end
        from unnest(v_no, v_ws, v_cat, v_sid, p_counts, v_seq, v_epoch, v_status, v_new, p_lease_use, p_owners, p_ttls, p_release)
          as i(no, ws, cat, sid, count, seq, epoch, status, new, use, mine, ttl, release)
        where i.new and i.status = 0
        on conflict do nothing
        returning stream_no
    ) select array_agg(stream_no) into v_inserted from made;
    for k in 1..n loop
      if v_new[k] and v_status[k] = 0 and (v_inserted is null or v_no[k] <> all (v_inserted)) then
        v_status[k] := case when p_expected[k] = -2 then 8 else 3 end;
        v_version[k] := (select s.version from event_log.streams s
          where s.workspace_id = v_ws[k] and s.category = v_cat[k] and s.stream_id = v_sid[k]);
      end if;
    end loop;
  end if;

  -- 7. Streams that exist: they are locked, so all of them must be found.
  if false = any (v_new) then
    update event_log.streams s
      set (version, first_seq, last_seq, epoch, lease_owner, lease_until) = (
        select v_version[i.k] + p_counts[i.k], coalesce(s.first_seq, v_seq[i.k]), coalesce(v_seq[i.k], s.last_seq), v_epoch[i.k],
               case when p_lease_use[i.k] > 0 then case when not p_release[i.k] then p_owners[i.k] end else s.lease_owner end,
               case when p_lease_use[i.k] > 0 then case when not p_release[i.k] then v_now + p_ttls[i.k] * interval '1 millisecond' end
                    else s.lease_until end
        from (select array_position(v_no, s.stream_no) as k offset 0) i)
      where s.stream_no = any (array(
        select i.no from unnest(v_no, v_status, v_new, p_counts, p_lease_use) as i(no, status, new, count, use)
        where i.status = 0 and not i.new and (i.count > 0 or i.use > 0)));
  end if;

  -- 8. The events, and one narrow row for the sequencer.
  with written as (
    insert into event_log.commits (seq, append_id, stream_no, first_version, event_count, time, workspace_id, category,
        stream_id, actor, correlation_id, causation_id, traceparent, body)
      select i.seq, i.id, i.no, coalesce(i.version, 0) + 1, i.count, v_time, i.ws, i.cat, i.sid, i.actor, i.correlation, i.causation, i.trace, i.body
      from unnest(v_seq, p_append_ids, v_no, v_version, p_counts, v_ws, v_cat, v_sid, v_status,
          string_to_array(p_actors, E'\n'), string_to_array(p_correlations, E'\n'),
          string_to_array(p_causations, E'\n', ''), string_to_array(p_traces, E'\n', ''), string_to_array(p_bodies, U&'\001E'))
        as i(seq, id, no, version, count, ws, cat, sid, status, actor, correlation, causation, trace, body)
      where i.status = 0 and i.count > 0
    returning seq, event_count
  )
  insert into event_log.unsequenced (seqs, counts, events)
    select array_agg(w.seq), array_agg(w.event_count), sum(w.event_count) from written w having count(*) > 0;

  -- 9. Losers leave nothing behind; winners give back what they asked to.
  if p_commands is not null then
    for k in 1..n loop
      if v_status[k] not in (0, 7) and v_commands[k] is not null then
        delete from event_log.commands c
          where c.workspace_id = v_ws[k] and c.command_id = v_commands[k] and c.append_id = p_append_ids[k];
      end if;
    end loop;
  end if;
  if p_res_of is not null then
    for k in 1..cardinality(p_res_of) loop
      v_of := p_res_of[k];
      if p_res_release[k] or v_status[v_of] not in (0, 7) then
        delete from event_log.reservations h
          where h.workspace_id = v_ws[v_of] and h.scope = v_scopes[k] and h.key = v_keys[k]
            and case when v_status[v_of] = 0 then h.category = v_cat[v_of] and h.stream_id = v_sid[v_of]
                     when v_status[v_of] = 7 then false
                     else h.append_id = p_append_ids[v_of] end;
      end if;
    end loop;
  end if;

  at := v_time;
  statuses := array_to_string(v_status, ',');
  versions := array_to_string(v_version, ',', '0');
  epochs := array_to_string(v_epoch, ',', '0');
  if v_details <> '{}' then details := v_details::text; end if;
end $$;
