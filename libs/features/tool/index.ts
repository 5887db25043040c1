import { toolContract } from '@agent-platform/contracts/tool/tool.contract';
import { defineFeature, type Feature, type Reservation } from '@agent-platform/kernel/index';
import { toolDecider } from './tool.decider.ts';
import { prepareTool } from './tool.prepare.ts';
import { toolProjection } from './tool.projection.ts';
import { toolQueries } from './tool.queries.ts';
import type { ToolCommand, ToolEvent, ToolState } from './tool.state.ts';
import { toolAnswer, toolView } from './tool.view.ts';

export { lookUpTool } from './tool.resolve.ts';
export type { ToolCommand, ToolEvent, ToolState };

/** Tools: what a workflow or an agent may call, in versions, bound to places. */
export const toolFeature: Feature<ToolState, ToolCommand, ToolEvent> = defineFeature({
  contract: toolContract,
  decider: toolDecider,
  view: toolView,
  answer: toolAnswer,
  prepare: { 'tool.create_version': prepareTool, 'tool.create_binding': prepareTool },
  reservations(event, before): readonly Reservation[] {
    const mine = { scope: 'tool_code', key: before.fields.code };
    switch (event.type) {
      case 'tool.created':
        return [{ scope: 'tool_code', key: event.data.code }];
      case 'tool.updated':
        return event.data.code === undefined
          ? []
          : [
              { ...mine, release: true },
              { scope: 'tool_code', key: event.data.code },
            ];
      case 'tool.deleted':
        return [{ ...mine, release: true }];
      case 'tool.version_created':
        return [{ scope: 'tool_version', key: event.data.version_id }];
      case 'tool.binding_created':
        return [{ scope: 'tool_binding', key: event.data.binding_id }];
    }
  },
  projections: [toolProjection],
  queries: toolQueries,
});
