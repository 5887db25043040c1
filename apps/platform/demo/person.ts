import { z } from 'zod';
import type { Api } from './api.ts';
import type { Order } from './order-service.ts';

const Tasks = z.object({ items: z.array(z.object({ id: z.string(), title: z.string() })) });
const NAME = 'Sam';

/**
 * A support lead at her desk. She looks at the open tasks of a run, takes each and decides: a charge that was plainly
 * made twice is refunded, everything else wants a call.
 *
 * @param seen id of an event that the list must show already
 */
export async function decideOpenTasks(api: Api, runId: string, order: Order, seen: string): Promise<void> {
  const { items } = await api.get(`/human/tasks?status=pending&run_id=${runId}&read_after=${seen}`, Tasks);
  for (const { id } of items) {
    await api.post(`/human/tasks/${id}/claim`, { claimed_by: NAME });
    await api.post(`/human/tasks/${id}/complete`, {
      status: order.paid === 2 * order.total ? 'approved' : 'rejected',
      completed_by: NAME,
      response_payload_json: { paid: order.paid, total: order.total },
    });
  }
}
