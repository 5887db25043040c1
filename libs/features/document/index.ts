import { documentContract } from '@agent-platform/contracts/document/document.contract';
import { defineFeature, type Feature, type Timer } from '@agent-platform/kernel/index';
import { documentDecider } from './document.decider.ts';
import { prepareDocument } from './document.prepare.ts';
import { documentProjection } from './document.projection.ts';
import { documentQueries } from './document.queries.ts';
import { documentView, type DocumentCommand, type DocumentEvent, type DocumentState } from './document.state.ts';

export { createDocumentExecutor } from './document.executor.ts';

/** Documents of knowledge bases: their texts, and their chunks and vectors, indexed in the background. */
export const documentFeature: Feature<DocumentState, DocumentCommand, DocumentEvent> = defineFeature({
  contract: documentContract,
  decider: documentDecider,
  view: documentView,
  prepare: { 'document.create': prepareDocument, 'document.update': prepareDocument, 'document.reindex': prepareDocument },
  timers(event, stream): readonly Timer[] {
    if (event.type !== 'document.retry_scheduled') return [];
    const { timer_id, due_at } = event.data;
    return [{ timer_id, due_at, target: stream, payload: {} }];
  },
  projections: [documentProjection],
  queries: documentQueries,
});
