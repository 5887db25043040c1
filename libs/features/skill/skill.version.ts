import { implementations } from '@agent-platform/contracts/skill/implementation';
import { reject, type Rejection } from '@agent-platform/kernel/index';
import { compileInputSchema } from '@agent-platform/nodes/input-schema';
import { problemsBelow, type Problem } from './skill.problem.ts';
import type { SkillVersion } from './skill.state.ts';

type Unchecked = Pick<SkillVersion, 'runtime_type' | 'implementation_json' | 'parameter_schema_json' | 'output_schema_json'>;

/** Why a version can't be made; null when it can. */
export function checkVersion(version: Unchecked): Rejection | null {
  const parsed = implementations[version.runtime_type].safeParse(version.implementation_json);
  const errors: Problem[] = [
    ...(parsed.success ? [] : problemsBelow('/implementation_json', parsed.error)),
    ...schemaProblem('parameter_schema_json', version),
    ...schemaProblem('output_schema_json', version),
  ];
  if (errors.length === 0) return null;
  return reject('invalid', 'skill-version-invalid', `The version is not right: ${errors[0]?.field ?? ''} ${errors[0]?.rule ?? ''}.`, errors);
}

function schemaProblem(name: 'parameter_schema_json' | 'output_schema_json', version: Unchecked): Problem[] {
  const compiled = compileInputSchema(version[name]);
  return 'error' in compiled ? [{ field: `/${name}`, rule: compiled.error, remedy: 'give a JSON Schema of draft 2020-12, or a map of properties' }] : [];
}
