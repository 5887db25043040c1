import { closeMessaging, connectMessaging, type NatsConnection } from '@agent-platform/messaging/connect';
import { check } from './check.ts';
import { demandsKey, gatewayRuntime, gatewayWorkflows } from './gateway.service.ts';
import { natsRuntime, natsWorkflows } from './nats.service.ts';
import type { RuntimeService, WorkflowService } from './service.ts';

/** One way to the platform: addresses of the two services, and who asks. */
export interface Way {
  /** An http address behind a gateway, or that of NATS: the service itself. */
  readonly workflowUrl: string;
  readonly runtimeUrl: string;
  readonly tenant: string;
  readonly key?: string | undefined;
}

const isNats = (url: string): boolean => /^(nats|tls):/.test(url);
const kindOf = (url: string, key: string | undefined): string => (isNats(url) ? 'direct' : key === undefined ? 'via gateway' : 'via authenticated gateway');

/** `direct`, `via gateway`, `via authenticated gateway`, or what each service is when they differ. */
export const nameOf = ({ workflowUrl, runtimeUrl, key }: Way): string => [...new Set([kindOf(workflowUrl, key), kindOf(runtimeUrl, key)])].join(' and ');

/** Tries one way; `tell` hears what went well. Throws what did not. */
export async function tryWay(way: Way, tell: (line: string) => void): Promise<void> {
  const opened: NatsConnection[] = [];
  const connect = async (url: string): Promise<NatsConnection> => {
    const nats = await connectMessaging({ url, name: 'smoke' });
    opened.push(nats);
    return nats;
  };
  try {
    await check(await workflowsOf(way, connect), await runtimeOf(way, connect), tell);
    const gateway = [way.workflowUrl, way.runtimeUrl].find((url) => !isNats(url));
    if (way.key === undefined || gateway === undefined) return;
    const demands = await demandsKey(gateway === way.workflowUrl ? gateway : `${gateway}/runs`, way);
    tell(demands ? 'ok  without the key the gateway refuses' : '!   the gateway answers without the key too: it does not authenticate');
  } finally {
    for (const nats of opened) await closeMessaging(nats);
  }
}

const workflowsOf = async (way: Way, connect: (url: string) => Promise<NatsConnection>): Promise<WorkflowService> =>
  isNats(way.workflowUrl) ? natsWorkflows(await connect(way.workflowUrl), way.tenant) : gatewayWorkflows(way.workflowUrl, way);

const runtimeOf = async (way: Way, connect: (url: string) => Promise<NatsConnection>): Promise<RuntimeService> =>
  isNats(way.runtimeUrl) ? natsRuntime(await connect(way.runtimeUrl), way.tenant) : gatewayRuntime(way.runtimeUrl, way);
