import { describe, expect, test } from 'vitest';
import { accepted, event, freshStream, freshWorkspace, request, type Tests } from './subject.ts';

export const idempotencyTests: Tests = (subject) => {
  describe('command ids', () => {
    test('the same id again gives the first answer, whatever has happened since', async () => {
      const { log } = subject();
      const stream = freshStream();
      const command = { id: 'cmd-1', fingerprint: 'f' };
      const first = accepted(await log.append(request(stream, { expected: 0, command, events: [event('thing.made'), event('thing.named')] })));
      await log.append(request(stream));
      const again = await log.append(request(stream, { expected: 0, command }));
      expect(again).toEqual({ status: 'duplicate', stream, first_version: 1, last_version: 2, event_ids: first.event_ids });
      expect(await log.command(stream.workspace_id, 'cmd-1')).toEqual({
        fingerprint: 'f',
        stream,
        first_version: 1,
        last_version: 2,
        event_ids: first.event_ids,
      });
      expect(await log.readStream(stream)).toHaveLength(3);
    });

    test('another fingerprint is refused; another workspace is another id', async () => {
      const { log } = subject();
      const stream = freshStream();
      await log.append(request(stream, { command: { id: 'cmd-1', fingerprint: 'f' } }));
      expect(await log.append(request(stream, { command: { id: 'cmd-1', fingerprint: 'g' } }))).toEqual({ status: 'command_reused' });
      expect(await log.append(request(freshStream(), { command: { id: 'cmd-1', fingerprint: 'g' } }))).toMatchObject({ status: 'appended' });
      expect(await log.command(stream.workspace_id, 'other')).toBeNull();
    });

    test('a double click in one tick: one appends, one is told, also on two fresh streams', async () => {
      const { log, harness } = subject();
      const other = await harness.open();
      const workspace = freshWorkspace();
      const command = { id: 'cmd-1', fingerprint: 'f' };
      const results = await Promise.all(
        [log, log, other, other].map((one, index) => one.append(request(freshStream(workspace, `s${index}`), { expected: 0, command }))),
      );
      expect(results.map((result) => result.status).sort()).toEqual(['appended', 'duplicate', 'duplicate', 'duplicate']);
      await other.close();
    });

    test('a refused append leaves its command id free', async () => {
      const { log } = subject();
      const stream = freshStream();
      const command = { id: 'cmd-1', fingerprint: 'f' };
      expect(await log.append(request(stream, { expected: 5, command }))).toMatchObject({ status: 'conflict' });
      expect(await log.append(request(stream, { expected: 0, command }))).toMatchObject({ status: 'appended' });
    });
  });

  describe('reservations', () => {
    const claim = (key: string) => [{ scope: 'code', key }];

    test('one holder per workspace; the refusal names it; giving back frees it', async () => {
      const { log } = subject();
      const workspace = freshWorkspace();
      const [first, second] = [freshStream(workspace, 'a'), freshStream(workspace, 'b')];
      await log.append(request(first, { reservations: claim('shop') }));
      expect(await log.holder(workspace, 'code', 'shop')).toBe('a');
      expect(await log.append(request(second, { reservations: claim('shop'), command: { id: 'c', fingerprint: 'f' } }))).toEqual({
        status: 'reserved',
        scope: 'code',
        key: 'shop',
        holder: 'a',
      });
      expect(await log.readStream(second)).toEqual([]);
      expect(await log.command(workspace, 'c')).toBeNull();
      expect(await log.append(request(first, { reservations: claim('shop') }))).toMatchObject({ status: 'appended' });
      expect(await log.append(request(freshStream(), { reservations: claim('shop') }))).toMatchObject({ status: 'appended' });
      await log.append(request(second, { reservations: [{ scope: 'code', key: 'shop', release: true }] }));
      expect(await log.holder(workspace, 'code', 'shop')).toBe('a');
      await log.append(request(first, { reservations: [{ scope: 'code', key: 'shop', release: true }, ...claim('store')] }));
      expect(await log.holder(workspace, 'code', 'shop')).toBeNull();
      expect(await log.holder(workspace, 'code', 'store')).toBe('a');
      expect(await log.append(request(second, { reservations: claim('shop') }))).toMatchObject({ status: 'appended' });
    });

    test('a loser takes nothing with it', async () => {
      const { log } = subject();
      const workspace = freshWorkspace();
      await log.append(request(freshStream(workspace, 'a'), { reservations: claim('one') }));
      expect(await log.append(request(freshStream(workspace, 'b'), { reservations: [...claim('two'), ...claim('one')] }))).toMatchObject({
        status: 'reserved',
        key: 'one',
      });
      expect(await log.holder(workspace, 'code', 'two')).toBeNull();
      expect(await log.append(request(freshStream(workspace, 'b'), { expected: 9, reservations: claim('two') }))).toMatchObject({ status: 'conflict' });
      expect(await log.holder(workspace, 'code', 'two')).toBeNull();
    });

    test('of many that want a key at once, one gets it', async () => {
      const { log, harness } = subject();
      const other = await harness.open();
      const workspace = freshWorkspace();
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 ? log : other).append(request(freshStream(workspace, `s${index}`), { expected: 0, reservations: claim('shop') })),
        ),
      );
      expect(results.filter((result) => result.status === 'appended')).toHaveLength(1);
      expect(results.filter((result) => result.status === 'reserved')).toHaveLength(19);
      await other.close();
    });
  });
};
