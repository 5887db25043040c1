import { secretContract } from '@agent-platform/contracts/secret/secret.contract';
import { defineFeature, type Feature } from '@agent-platform/kernel/index';
import { secretDecider, secretView, type SecretCommand, type SecretEvent, type SecretState } from './secret.decider.ts';
import { prepareSecret } from './secret.prepare.ts';
import { secretProjection } from './secret.projection.ts';
import { secretQueries } from './secret.queries.ts';

export { lookUpSecret } from './secret.resolve.ts';

/** Secrets: named values that are encrypted before they are recorded, and opened for a call alone. */
export const secretFeature: Feature<SecretState, SecretCommand, SecretEvent> = defineFeature({
  contract: secretContract,
  decider: secretDecider,
  view: secretView,
  prepare: { 'secret.create': prepareSecret, 'secret.rotate': prepareSecret },
  projections: [secretProjection],
  queries: secretQueries,
});
