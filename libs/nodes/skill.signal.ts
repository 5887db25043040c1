/** Name of the signal that tells a workflow run what became of a run of a skill it waits for. */
export const skillSignal = (skillRunId: string): string => `skill_run ${skillRunId}`;
