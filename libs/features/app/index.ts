import { appContract } from '@agent-platform/contracts/app/app.contract';
import { defineFeature, type Feature, type Reservation } from '@agent-platform/kernel/index';
import { appDecider, appVersionAnswer, appView, type AppCommand, type AppEvent, type AppState } from './app.decider.ts';
import { appProjection } from './app.projection.ts';
import { appQueries } from './app.queries.ts';

export type { AppCommand, AppEvent, AppState };

/** Apps: a code, a name, and versions that say which workflow version they run. */
export const appFeature: Feature<AppState, AppCommand, AppEvent> = defineFeature({
  contract: appContract,
  decider: appDecider,
  view: appView,
  answer: appVersionAnswer,
  reservations(event, before): readonly Reservation[] {
    const mine = { scope: 'app_code', key: before.fields.code };
    switch (event.type) {
      case 'app.created':
        return [{ scope: 'app_code', key: event.data.code }];
      case 'app.updated':
        return event.data.code === undefined
          ? []
          : [
              { ...mine, release: true },
              { scope: 'app_code', key: event.data.code },
            ];
      case 'app.deleted':
        return [{ ...mine, release: true }];
      case 'app.version_created':
        return [{ scope: 'app_version', key: event.data.version_id }];
    }
  },
  projections: [appProjection],
  queries: appQueries,
});
