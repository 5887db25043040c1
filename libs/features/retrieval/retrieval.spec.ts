import { RetrievalView, retrievalContract } from '@agent-platform/contracts/retrieval/retrieval.contract';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import { expect, test } from 'vitest';
import { retrievalFeature } from './index.ts';

const command = retrievalContract.commands['retrieval.record'];
const data = command.data.parse(command.example);
const { retrieval_id: _, ...recorded } = data;

test('what was found is recorded once', () => {
  specFor(retrievalFeature.decider).given().when({ type: 'retrieval.record', data }).then({ type: 'retrieval.recorded', data: recorded });
});

test('the row is the view', () => {
  const [projection] = retrievalFeature.projections;
  if (!projection) throw new Error('no projection');
  const { retrievals } = tablesOf(projection, [{ type: 'retrieval.recorded', data: recorded }], { stream_id: 'r1' });
  expect(RetrievalView.parse(retrievals?.[0])).toMatchObject({ id: 'r1', query: 'refund within seven days', version: 1 });
});
