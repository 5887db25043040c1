import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import type { Implementation } from '@agent-platform/contracts/skill/implementation';
import type { SkillProgram, StepRunner } from '../skill-run.program.ts';

/** Asks with the config itself; what must not be repeated says so in its request. */
const steps: StepRunner = {
  tools: () => [],
  tool: () => Promise.resolve(null),
  ask: (_kind, config) => ({ recorded: JSON.parse(JSON.stringify(config)) as JsonValue }),
  repeatable: (_kind, request) => !JSON.stringify(request).includes('unsafe'),
  resume: (_kind, request, signal) =>
    signal['status'] === 'approved'
      ? { status: 'again', request: { ...(request as JsonObject), approval: { approved_by: 'ada' } } }
      : { status: 'failed', error: { code: 'tool-not-approved', message: 'no', retryable: false } },
  perform: () => Promise.resolve({ status: 'completed', output_json: null, output_text: null }),
};

export const programOf = (implementation: Implementation, output_schema_json: SkillProgram['output_schema_json'] = {}): SkillProgram => ({
  implementation,
  output_schema_json,
  tools: {},
  steps,
  lookup: { state: () => Promise.resolve(null), holder: () => Promise.resolve(null), event: () => Promise.resolve(null) },
});
