import { implementations, type Implementation } from '@agent-platform/contracts/skill/implementation';
import { Failure, type Lookup } from '@agent-platform/kernel/index';
import { toolKey } from '@agent-platform/nodes/node';
import type { SkillProgram, SkillVersions, StepRunner } from './skill-run.program.ts';
import type { Created } from './skill-run.state.ts';

/** Throws a fault when the pinned version is not in the log, which never forgets. */
export async function loadProgram(created: Created, workspace_id: string, lookup: Lookup, steps: StepRunner | null): Promise<SkillProgram> {
  // The log's streams of this category are folded by the skill feature's decider.
  const skill = (await lookup.state({ workspace_id, category: 'skill', stream_id: created.skill_id })) as SkillVersions | null;
  const version = skill?.versions.find(({ version_id }) => version_id === created.skill_version_id);
  if (!version) throw new Failure('fault', 'skill-version-missing', `Version "${created.skill_version_id}" of skill "${created.skill_id}" is not in the log.`);
  const { runtime_type, output_schema_json, implementation_json } = version;
  // The schema is the one of this runtime; TypeScript does not follow the key.
  const implementation = { runtime: runtime_type, ...implementations[runtime_type].parse(implementation_json) } as Implementation;
  const tools = steps && implementation.runtime === 'tool' ? await toolsOf(implementation, steps, workspace_id, lookup) : {};
  return { implementation, output_schema_json, tools, steps, lookup };
}

async function toolsOf(
  { steps }: Extract<Implementation, { runtime: 'tool' }>,
  runner: StepRunner,
  workspaceId: string,
  lookup: Lookup,
): Promise<SkillProgram['tools']> {
  const refs = steps.flatMap(({ config }) => runner.tools(config));
  const found = await Promise.all(refs.map(async (ref) => [toolKey(ref), await runner.tool(ref, workspaceId, lookup)] as const));
  return Object.fromEntries(found.flatMap(([key, tool]) => (tool ? [[key, tool]] : [])));
}
