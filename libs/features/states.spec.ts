import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { EventContract, JsonObject } from '@agent-platform/contracts/kit/index';
import { type AnyFeature, evolveAll } from '@agent-platform/kernel/index';
import { describe, expect, test } from 'vitest';
import { createFeatures } from './index.ts';

/*
 * Snapshots of an older release are folded on by this one, as long as `stateVersion` is the same. So for each version
 * it is recorded what the golden events (contracts/fixtures) are folded to. When a change of the code folds them to
 * something else, raise `stateVersion` in the feature's index.ts and run this test: it records the states of the new version.
 */

const REMEDY = 'the golden events are folded to another state than was recorded for this stateVersion: raise it, run this test once, commit what it recorded';

interface Golden {
  readonly type: string;
  readonly data: JsonObject;
}

function newest(event: EventContract, type: string, version: number): Golden {
  const text = readFileSync(new URL(`../../contracts/fixtures/${type}.v${version}.json`, import.meta.url), 'utf8');
  let data = JSON.parse(text) as JsonObject;
  for (let step = version; step < event.version; step++) data = event.upcasts?.[step]?.(data) ?? data;
  return { type, data };
}

/** One event of each type and recorded version, in the order of the contract: first what makes the entity. */
const goldenEvents = ({ contract }: AnyFeature): Golden[] =>
  Object.entries(contract.events).flatMap(([type, event]) => Array.from({ length: event.version }, (_, index) => newest(event, type, index + 1)));

/** Keys in one order: the order in which a state was built does not tell two states apart. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

/** The events as they would be of one part of the entity, so that they meet. */
const ofOnePart = ({ type, data }: Golden): Golden => ({ type, data: 'node_id' in data ? { ...data, node_id: 'one' } : data });

/** A line for each event, on a new entity, and one for all pairs of them. */
function statesOf(feature: AnyFeature): string {
  const [first, ...rest] = goldenEvents(feature);
  if (!first) throw new Error('a feature with a state has events');
  const folded = (...events: Golden[]): string => canonical(evolveAll<unknown, Golden>(feature.decider, feature.decider.initial, [first, ...events]));
  const pairs = rest.flatMap((one) => rest.map((other) => folded(ofOnePart(one), ofOnePart(other))));
  return [
    `${first.type} ${folded()}`,
    ...rest.map((event) => `${event.type} ${folded(event)}`),
    `all pairs sha256:${createHash('sha256').update(pairs.join('\n')).digest('hex')}`,
    '',
  ].join('\n');
}

const kept = createFeatures({ nodes: new Map() }).filter(({ stateVersion }) => stateVersion !== undefined);

describe.each(kept.map((feature) => [feature.contract.category, feature] as const))('%s', (category, feature) => {
  const folder = category.replaceAll('_', '-');

  test('golden events are folded to the states that were recorded for this version', async () => {
    await expect(statesOf(feature), REMEDY).toMatchFileSnapshot(`${folder}/${folder}.state.v${feature.stateVersion}.txt`);
  });
});

test('runs, which grow long, have snapshots', () => {
  expect(kept.map(({ contract }) => contract.category)).toContain('run');
});
