import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { accepted, event, freshStream, freshWorkspace, request, type Tests } from './subject.ts';

export const appendTests: Tests = (subject) => {
  describe('append', () => {
    test('a stream starts at version 1 and events of one append are one step', async () => {
      const { log } = subject();
      const stream = freshStream();
      const result = accepted(
        await log.append(
          request(stream, {
            expected: 0,
            events: [event('thing.made', { a: 1 }), event('thing.named', { b: [true, null] })],
            cause: { actor: 'user:ann', correlation_id: 'c', causation_id: 'k', traceparent: 't' },
          }),
        ),
      );
      expect(result).toMatchObject({ first_version: 1, last_version: 2, epoch: null });
      expect(result.event_ids).toHaveLength(2);
      const events = await log.readStream(stream);
      expect(events).toEqual([
        {
          id: result.event_ids[0],
          type: 'thing.made',
          schema_version: 1,
          ...stream,
          version: 1,
          time: result.time,
          actor: 'user:ann',
          correlation_id: 'c',
          causation_id: 'k',
          traceparent: 't',
          data: { a: 1 },
        },
        {
          id: result.event_ids[1],
          type: 'thing.named',
          schema_version: 1,
          ...stream,
          version: 2,
          time: result.time,
          actor: 'user:ann',
          correlation_id: 'c',
          causation_id: 'k',
          traceparent: 't',
          data: { b: [true, null] },
        },
      ]);
    });

    test('expected versions: exact, exists, any', async () => {
      const { log } = subject();
      const stream = freshStream();
      expect(await log.append(request(stream, { expected: 'exists' }))).toEqual({ status: 'conflict', actual: 0 });
      expect(await log.append(request(stream, { expected: 3 }))).toEqual({ status: 'conflict', actual: 0 });
      expect(await log.append(request(stream, { expected: 0 }))).toMatchObject({ status: 'appended', first_version: 1 });
      expect(await log.append(request(stream, { expected: 0 }))).toEqual({ status: 'conflict', actual: 1 });
      expect(await log.append(request(stream, { expected: 'exists' }))).toMatchObject({ status: 'appended', first_version: 2 });
      expect(await log.append(request(stream, { expected: 'any' }))).toMatchObject({ status: 'appended', first_version: 3 });
      expect(await log.append(request(stream, { expected: 2 }))).toEqual({ status: 'conflict', actual: 3 });
      expect(await log.append(request(freshStream(), { expected: 'any' }))).toMatchObject({ status: 'appended', first_version: 1 });
    });

    test('an empty append changes no version', async () => {
      const { log } = subject();
      const stream = freshStream();
      await log.append(request(stream));
      expect(await log.append(request(stream, { expected: 1, events: [] }))).toMatchObject({
        status: 'appended',
        first_version: 2,
        last_version: 1,
        event_ids: [],
      });
      expect(await log.append(request(stream, { expected: 1 }))).toMatchObject({ status: 'appended', first_version: 2 });
    });

    test('in one tick: losers get their conflict, winners commit, and each stream keeps the order', async () => {
      const { log } = subject();
      const workspace = freshWorkspace();
      const results = await Promise.all(
        Array.from({ length: 60 }, (_, index) => log.append(request(freshStream(workspace, `s${index % 20}`), { expected: 0 }))),
      );
      expect(results.filter((result) => result.status === 'appended')).toHaveLength(20);
      expect(results.filter((result) => result.status === 'conflict' && result.actual === 1)).toHaveLength(40);
    });

    test('what JSON cannot hold is refused, and says where', async () => {
      const { log } = subject();
      for (const data of [{ n: NaN }, { n: 10n }, { f: () => 1 }, { d: new Date() }, { list: [undefined] }])
        await expect(log.append(request(freshStream(), { events: [event('thing.done', data)] }))).rejects.toMatchObject({
          kind: 'invalid',
          code: 'event-not-json',
        });
      await expect(log.append(request(freshStream(), { cause: { actor: 'a\nb', correlation_id: 'c' } }))).rejects.toMatchObject({ kind: 'invalid' });
      await expect(log.append(request({ ...freshStream(), stream_id: 'a/b' }))).rejects.toMatchObject({ kind: 'invalid' });
      await expect(log.append(request(freshStream(), { release: true }))).rejects.toMatchObject({ kind: 'invalid' });
    });

    test('poison payloads come back as they were', async () => {
      const { log } = subject();
      let deep: JsonObject = {};
      for (let depth = 0; depth < 500; depth++) deep = { deep };
      const poisons: JsonObject[] = [
        { nul: 'a\u0000b', '\u0000': 1 },
        { surrogate: '\ud800x\udfff' },
        deep,
        { big: 1e308, negative: -0.1 },
        { text: '\u001e\n\r\u2028"\\' },
        { '","data":': '}\n{', payload_ref: 'sha256:x' },
      ];
      const stream = freshStream();
      await log.append(request(stream, { events: poisons.map((data) => event('thing.poisoned', data)) }));
      expect((await log.readStream(stream)).map((one) => one.data)).toEqual(poisons);
    });

    test('property: any JSON round-trips', async () => {
      const { log } = subject();
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ noUnicodeString: false })), { minLength: 1, maxLength: 4 }),
          async (list) => {
            const stream = freshStream();
            const wanted = list.map((data) => JSON.parse(JSON.stringify(data)) as JsonObject);
            await log.append(request(stream, { events: wanted.map((data) => event('thing.done', data)) }));
            expect((await log.readStream(stream)).map((one) => one.data)).toEqual(wanted);
          },
        ),
        { numRuns: 25 },
      );
    });

    test('property: whatever the interleaving, versions are dense and the fold order is the append order', async () => {
      const { log } = subject();
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ stream: fc.integer({ min: 0, max: 2 }), count: fc.integer({ min: 1, max: 3 }), wait: fc.boolean() }), {
            minLength: 1,
            maxLength: 20,
          }),
          async (plan) => {
            const workspace = freshWorkspace();
            const acknowledged: { stream: number; first: number; mark: string }[] = [];
            const running: Promise<void>[] = [];
            for (const [index, { stream, count, wait }] of plan.entries()) {
              const done = log
                .append(
                  request(freshStream(workspace, `s${stream}`), {
                    events: Array.from({ length: count }, (_, n) => event('thing.done', { mark: `${index}/${n}` })),
                  }),
                )
                .then((result) => void acknowledged.push({ stream, first: accepted(result).first_version, mark: String(index) }));
              running.push(done);
              if (wait) await done;
            }
            await Promise.all(running);
            for (const stream of [0, 1, 2]) {
              const events = await log.readStream(freshStream(workspace, `s${stream}`));
              expect(events.map((one) => one.version)).toEqual(events.map((_, index) => index + 1));
              const order = acknowledged
                .filter((one) => one.stream === stream)
                .sort((a, b) => a.first - b.first)
                .map((one) => one.mark);
              expect(events.map((one) => one.data['mark']).filter((mark) => typeof mark === 'string' && mark.endsWith('/0'))).toEqual(
                order.map((mark) => `${mark}/0`),
              );
            }
          },
        ),
        { numRuns: 15 },
      );
    });
  });
};
