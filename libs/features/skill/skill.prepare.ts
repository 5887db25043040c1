import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { type Lookup, reject, type Rejection } from '@agent-platform/kernel/index';
import { type SecretProblem, sealConfig } from '@agent-platform/kernel/secret-headers';
import type { SkillCommand } from './skill.state.ts';

/** Seals the secret headers of tool steps before they are recorded. */
export async function prepareVersion(command: SkillCommand, { secrets }: Lookup): Promise<SkillCommand | Rejection> {
  if (command.type !== 'skill.create_version') return command;
  const { implementation_json } = command.data;
  const { steps } = implementation_json;
  if (!Array.isArray(steps)) return command;
  const problems: SecretProblem[] = [];
  const sealed = steps.map((step: JsonValue, index) => {
    if (!isObject(step)) return step;
    const { config, problems: more } = sealConfig(step, `/implementation_json/steps/${index}`, command.meta.workspace_id, secrets);
    problems.push(...more);
    return config;
  });
  const [first] = problems;
  if (first) return reject('invalid', 'skill-secret', `The version can’t be kept: ${first.field} ${first.rule}.`, problems);
  return { ...command, data: { ...command.data, implementation_json: { ...implementation_json, steps: sealed } } };
}

const isObject = (value: JsonValue): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
