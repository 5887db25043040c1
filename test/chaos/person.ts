import type { Clients } from './clients.ts';
import { newOrder, type Order } from './ledger.ts';
import type { Recorded } from './recorded.ts';
import type { Random } from './seed.ts';
import type { World } from './world.ts';

/** Everybody who answers the platform: approves tasks, sends signals, and says what became of unknown outcomes. */
export interface Person {
  hear(event: Recorded): void;
  /** Forgets all that was heard: it is told from the beginning. */
  beginAnew(): void;
}

export function createPerson(clients: Clients, world: World, random: Random, http: boolean): Person {
  const way = (): Order['via'] => (http && random.chance(0.5) ? 'http' : 'nats');
  /** Runs that have their signal already: it came before they waited for it. */
  const signalled = new Set<string>();
  const send = (order: Order): void => void clients.send(order);

  return {
    beginAnew: () => signalled.clear(),
    hear({ workspace_id, stream_id, type, data }) {
      switch (type) {
        case 'run.signalled':
          return void signalled.add(stream_id);
        case 'human_task.created':
          return send(newOrder(workspace_id, 'human_task.complete', { task_id: stream_id, status: 'approved', completed_by: 'chaos' }, way()));
        case 'node.waiting':
          if ((data['wait'] as { for?: string }).for !== 'signal' || signalled.has(stream_id)) return;
          return send(newOrder(workspace_id, 'run.signal', { run_id: stream_id, name: 'go', payload_json: { from: 'person' } }, way()));
        case 'node.outcome_unknown': {
          // Looks outside, as a person would, and only has it done again when it was not done.
          const done = world.calls(data['key'] as string) > 0;
          const resolution = done ? { resolution: 'completed', output_json: { seen: true } } : { resolution: 'retry' };
          return send(newOrder(workspace_id, 'run.resolve_node', { run_id: stream_id, node_id: data['node_id'], ...resolution }, 'nats'));
        }
        default:
      }
    },
  };
}
