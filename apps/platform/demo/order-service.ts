import { createServer } from 'node:http';

export interface Order {
  readonly status: string;
  readonly total: number;
  readonly paid: number;
}

export interface OrderService {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** `host:port`, as AGENT_PLATFORM_EGRESS_ALLOW wants it. */
  readonly address: string;
  close(): void;
}

/** A small order service: `GET /orders/<id>`. For one order it is busy at first: the first call gets a 503. */
export async function startOrderService(orders: Readonly<Record<string, Order>>, troubled: string): Promise<OrderService> {
  let busy = true;
  const server = createServer((request, response) => {
    const id = /^\/orders\/([\w-]+)$/.exec(request.url ?? '')?.[1] ?? '';
    const order = orders[id];
    const status = order === undefined ? 404 : id === troubled && busy ? 503 : 200;
    if (id === troubled) busy = false;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(status === 200 ? { order_id: id, ...order } : { error: status === 404 ? 'no such order' : 'busy, try again' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the order service has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    address: `127.0.0.1:${address.port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
