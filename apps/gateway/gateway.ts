import type { DatabasePool } from 'slonik';
import type { CommandAccepted } from '@agent-platform/contracts/kit/index';
import type { EventLog } from '@agent-platform/event-log/event-log';
import type { NatsConnection } from '@agent-platform/messaging/connect';
import type { NodeRegistry } from '@agent-platform/nodes/node';
import type { CodePort } from '@agent-platform/ports/code.port';
import type { DocumentsPort } from '@agent-platform/ports/documents.port';
import type { KnowledgePort } from '@agent-platform/ports/knowledge.port';
import type { FeatureIndex } from '@agent-platform/runtime/lookup';
import type { StreamStates } from '@agent-platform/runtime/stream-states';
import type { Logger } from '@agent-platform/service/log';
import type { WatchStream } from './follow.ts';
import type { SearchMemories } from './memory-search.ts';
import type { RequestContext } from './request-context.ts';

/** What the routes work with. */
export interface Gateway {
  readonly log: EventLog;
  /** Read models only. */
  readonly pool: DatabasePool;
  readonly nats: NatsConnection;
  readonly features: FeatureIndex;
  readonly states: StreamStates;
  readonly nodes: NodeRegistry;
  readonly logger: Logger;
  /** Where browsers reach the gateway; undefined: only on this machine. */
  readonly publicUrl: string | undefined;
  /** Base URL of the model gateway. */
  readonly modelGatewayUrl: string;
  readonly searchMemories: SearchMemories;
  /** Base URL of the code runner. */
  readonly codeRunnerUrl: string;
  readonly code: CodePort;
  readonly knowledge: KnowledgePort;
  /** Original files of documents. */
  readonly files: Pick<DocumentsPort, 'keep' | 'hold' | 'load' | 'release'>;
  readonly watch: WatchStream;
  /** Aborted when the gateway shuts down: answers without an end of their own end then. */
  readonly closing: AbortSignal;
  /** Asks the commands role. Throws Failure: its refusal, or transient when it does not answer. */
  command(type: string, data: unknown, context: RequestContext): Promise<CommandAccepted>;
  /** Waits until a projection shows an event. Throws Failure when it does not in time, or there is no such event. */
  waitFor(projection: string, eventId: string): Promise<void>;
}
