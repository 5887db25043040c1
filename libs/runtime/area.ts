import type { AnyExecutor, Policy } from '@agent-platform/kernel/index';

/** What there is to do for one feature: its streams to be advanced, and the events it reacts to. */
export interface Area {
  /** The feature's category, e.g. `run`. */
  readonly name: string;
  /** Null: its streams advance by commands alone. */
  readonly executor: AnyExecutor | null;
  readonly policies: readonly Policy[];
}

type Trigger = Policy['triggers'][number];

/** The events that make work in an area, each once. */
export function triggersOf({ executor, policies }: Area): readonly Trigger[] {
  const all = [...(executor?.triggers ?? []), ...policies.flatMap(({ triggers }) => triggers)];
  return [...new Map(all.map((trigger) => [`${trigger.category}/${trigger.type}`, trigger])).values()];
}

/** Whether an event is one of those that an executor or a policy asks for. */
export const isTrigger = ({ triggers }: { readonly triggers: readonly Trigger[] }, event: Trigger): boolean =>
  triggers.some(({ category, type }) => category === event.category && type === event.type);
