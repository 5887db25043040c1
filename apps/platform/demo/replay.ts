import { isDeepStrictEqual } from 'node:util';
import pc from 'picocolors';
import { z } from 'zod';
import type { Api } from './api.ts';

const Fields = z.record(z.string(), z.unknown());
const Events = z.object({
  items: z.array(z.object({ type: z.string(), version: z.int(), data: z.looseObject({ node_id: z.string().optional() }) })),
  next_cursor: z.string().nullable(),
});
const Folded = z.object({
  version: z.int(),
  view: Fields.nullable(),
  state: z.object({ status: z.string(), open: z.int(), nodes: z.record(z.string(), z.object({ type: z.string(), status: z.string() })) }),
});
const NodeRuns = z.object({ items: z.array(z.object({ node_id: z.string(), node_type: z.string(), status: z.string() })) });

/** Events worth a line; all are folded. */
const TOLD = /^run\.|^node\.(completed|waiting|retry_scheduled|failed)$/;

/** What a comparison found. */
export interface Comparison {
  readonly fields: number;
  readonly nodes: number;
  readonly differences: readonly string[];
}

/** Shows a run as it was after each of its events, folded by the platform from the log alone; answers with the last state. */
export async function replayRun(api: Api, runId: string, print: (line: string) => void): Promise<z.output<typeof Folded>> {
  const { items } = await api.get(`/streams/run/${runId}/events?limit=500`, Events);
  let folded: z.output<typeof Folded> | undefined;
  for (const { type, version, data } of items) {
    folded = await api.get(`/streams/run/${runId}/state?at=${version}`, Folded);
    if (folded.version !== version) throw new Error(`The state after event ${version} says that it is the one after ${folded.version}.`);
    if (!TOLD.test(type)) continue;
    const done = Object.values(folded.state.nodes).filter(({ status }) => status === 'completed' || status === 'skipped').length;
    print(
      `  ${pc.dim(`v${version}`.padEnd(4))} ${type.padEnd(20)} ${(data.node_id ?? '').padEnd(9)} ${pc.dim(`run ${folded.state.status}, ${done} nodes done or skipped, ${folded.state.open} open`)}`,
    );
  }
  if (!folded) throw new Error(`The run ${runId} has no events.`);
  return folded;
}

/** Compares the folded state with the read models, field by field. `seen`: an event that they must reflect. */
export async function compareWithReadModel(api: Api, runId: string, { view, state }: z.output<typeof Folded>, seen: string): Promise<Comparison> {
  const row = await api.get(`/runtime/runs/${runId}?read_after=${seen}`, Fields);
  const { items } = await api.get(`/runtime/runs/${runId}/node-runs?limit=500&read_after=${seen}`, NodeRuns);
  // Nodes are a read model of their own.
  const fields = Object.entries(view ?? {}).filter(([name]) => name !== 'nodes');
  const differences = fields.flatMap(([name, value]) =>
    name in row && isDeepStrictEqual(row[name], value) ? [] : [`${name}: folded ${JSON.stringify(value)}, read ${JSON.stringify(row[name])}`],
  );
  const inReadModel = new Map(items.map((one) => [one.node_id, `${one.node_type} ${one.status}`]));
  const nodes = Object.entries(state.nodes);
  for (const [id, { type, status }] of nodes) {
    const read = inReadModel.get(id);
    if (read !== `${type} ${status}`) differences.push(`node ${id}: folded ${type} ${status}, read ${read ?? 'nothing'}`);
  }
  if (items.length !== nodes.length) differences.push(`nodes: folded ${nodes.length}, read ${items.length}`);
  return { fields: fields.length, nodes: nodes.length, differences };
}
