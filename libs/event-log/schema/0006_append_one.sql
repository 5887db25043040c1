-- Up Migration

-- The append of a run that is alone at the moment: one stream that exists, an exact version, no command id and no
-- reservation. The same rules as append_batch, in three statements without arrays: a lone append then costs a fraction.
-- Changes nothing and answers null when a rule is broken or somebody else's lease is in the way; append_batch is asked
-- then, and says why.
-- last_seq takes its number under the lock of the row: when the update had to wait, Postgres computes the new row again.
create function event_log.append_one(
  p_append_id uuid, p_workspace text, p_category text, p_stream text, p_expected bigint, p_count int, p_body text,
  p_actor text, p_correlation text, p_causation text, p_trace text,
  p_use int, p_owner int, p_epoch int, p_ttl bigint, p_release boolean,
  out at timestamptz, out new_epoch int
) language plpgsql set jit = off as $$
declare
  v_now timestamptz := date_trunc('milliseconds', clock_timestamp());
  v_no bigint;
  v_seq bigint;
begin
  update event_log.streams s
    set version = s.version + p_count,
        last_seq = case when p_count > 0 then nextval('event_log.commit_seq') else s.last_seq end,
        epoch = case when p_use = 1 and (s.lease_owner is null or s.lease_until < v_now) then s.epoch + 1 else s.epoch end,
        lease_owner = case when p_use = 0 then s.lease_owner when not p_release then p_owner end,
        lease_until = case when p_use = 0 then s.lease_until when not p_release then v_now + p_ttl * interval '1 millisecond' end
    where s.workspace_id = p_workspace and s.category = p_category and s.stream_id = p_stream and s.version = p_expected
      and (p_use = 0 or (p_use = 1 and (s.lease_owner is null or s.lease_owner = p_owner))
           or (p_use = 2 and s.lease_owner = p_owner and s.epoch = p_epoch))
    returning s.stream_no, s.last_seq, s.epoch into v_no, v_seq, new_epoch;
  if v_no is null then return; end if;
  if p_count > 0 then
    insert into event_log.commits (seq, append_id, stream_no, first_version, event_count, time, workspace_id, category,
        stream_id, actor, correlation_id, causation_id, traceparent, body)
      values (v_seq, p_append_id, v_no, p_expected + 1, p_count, v_now, p_workspace, p_category, p_stream, p_actor, p_correlation,
        p_causation, p_trace, p_body);
    insert into event_log.unsequenced (seqs, counts, events) values (array[v_seq], array[p_count], p_count);
  end if;
  at := v_now;
end $$;
