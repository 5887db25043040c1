import { createExecutors } from '@agent-platform/features/index';
import { type AnyFeature, Failure } from '@agent-platform/kernel/index';
import type { NodeRegistry } from '@agent-platform/nodes/node';
import type { Ports } from '@agent-platform/ports/index';
import type { Area } from '@agent-platform/runtime/area';
import { type Config, SETTINGS } from '@agent-platform/service/config';

/** What an executor works on, and what it leaves to others. */
export interface ChosenAreas {
  readonly chosen: readonly Area[];
  /** Names of the areas that are not chosen. */
  readonly others: readonly string[];
}

/**
 * The areas that AGENT_PLATFORM_FEATURES names; all of them without it. Throws Failure('invalid', 'bad-config') for a name
 * that is none: an executor that silently left out what was meant would leave it undone.
 */
export function chooseAreas(
  { AGENT_PLATFORM_FEATURES: wanted }: Pick<Config, 'AGENT_PLATFORM_FEATURES'>,
  features: readonly AnyFeature[],
  parts: { readonly nodes: NodeRegistry; readonly ports: Ports },
): ChosenAreas {
  const executors = createExecutors(parts);
  const all = features.flatMap(({ contract: { category: name }, policies = [] }): Area[] => {
    const executor = executors.find(({ category }) => category === name) ?? null;
    return executor || policies.length > 0 ? [{ name, executor, policies }] : [];
  });
  const names = all.map(({ name }) => name);
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    const rule = `${unknown.map((name) => `"${name}"`).join(', ')}: nothing for an executor to do; there are ${names.join(', ')}`;
    const remedy = SETTINGS.AGENT_PLATFORM_FEATURES.help;
    throw new Failure('invalid', 'bad-config', `The settings are not right:\n  AGENT_PLATFORM_FEATURES: ${rule}. ${remedy}`, {
      errors: [{ field: 'AGENT_PLATFORM_FEATURES', rule, remedy }],
    });
  }
  const isChosen = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
  return { chosen: all.filter(({ name }) => isChosen(name)), others: names.filter((name) => !isChosen(name)) };
}
