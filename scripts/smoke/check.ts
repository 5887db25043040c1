import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Outcome, RuntimeService, WorkflowDocument, WorkflowService } from './service.ts';

/** Routing, state, templates and retrieval: what needs no model, no tool, no person, and so no key. */
const documentOf = (workflow_id: string): WorkflowDocument => ({
  workflow_id,
  name: 'Smoke test',
  nodes: [
    { id: 'seed-state', type: 'assigner', config: { assignments: { score: 7, user_name: 'Alice' } } },
    { id: 'check-score', type: 'if-else', config: { expression: 'state.score >= 5' } },
    { id: 'high-path', type: 'template-transform', config: { template: '{{state.user_name}} passed with score {{state.score}}' } },
    { id: 'low-path', type: 'template-transform', config: { template: '{{state.user_name}} failed with score {{state.score}}' } },
    {
      id: 'retrieve-docs',
      type: 'retriever',
      config: {
        query_template: '{{input.question}}',
        top_k: 1,
        documents: [
          { id: 'shipping', title: 'Shipping Policy', text: 'Parcels arrive within three days.' },
          { id: 'refund', title: 'Refund Policy', text: 'A refund takes five days.' },
        ],
      },
    },
    { id: 'reply', type: 'answer', config: { template: '{{nodes.high-path.text}}; see {{nodes.retrieve-docs.output.retrieved_documents.0.title}}' } },
  ],
  edges: [
    { source: 'seed-state', target: 'check-score' },
    { source: 'check-score', target: 'high-path', condition: 'true' },
    { source: 'check-score', target: 'low-path', condition: 'false' },
    { source: 'high-path', target: 'retrieve-docs' },
    { source: 'retrieve-docs', target: 'reply' },
  ],
});

const INPUT = { question: 'How long does a refund take?' };

const EXPECTED: Outcome = {
  status: 'completed',
  output_text: 'Alice passed with score 7; see Refund Policy',
  nodes: {
    'seed-state': 'completed',
    'check-score': 'completed',
    'high-path': 'completed',
    'low-path': 'skipped',
    'retrieve-docs': 'completed',
    reply: 'completed',
  },
};

/** Makes a workflow, runs it, compares the outcome, and deletes the workflow. Throws an error that says what was not as it should be. */
export async function check(workflows: WorkflowService, runtime: RuntimeService, tell: (line: string) => void): Promise<void> {
  const workflowId = `smoke-${randomUUID()}`;
  const timed = async <T>(what: string, work: Promise<T>): Promise<T> => {
    const started = performance.now();
    const result = await work;
    tell(`ok  ${what} (${Math.round(performance.now() - started)} ms)`);
    return result;
  };
  await timed('a workflow is created', workflows.create(documentOf(workflowId)));
  await timed('and published', workflows.publish(workflowId));
  const outcome = await timed('a run of it comes to its end', runtime.run(workflowId, INPUT));
  compare(outcome);
  tell(`ok  its answer is "${EXPECTED.output_text}", of its ${Object.keys(EXPECTED.nodes).length} nodes one was skipped`);
  await timed('the workflow is deleted', workflows.remove(workflowId));
}

function compare(outcome: Outcome): void {
  for (const field of ['status', 'output_text', 'nodes'] as const) {
    if (isDeepStrictEqual(outcome[field], EXPECTED[field])) continue;
    throw new Error(`The ${field} of the run is ${JSON.stringify(outcome[field])}, expected was ${JSON.stringify(EXPECTED[field])}.`);
  }
}
