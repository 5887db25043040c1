/**
 * Brings the database of an earlier start to what this code wants, before any role works on it: read models that have
 * another version now are built anew from the log. `npm run migrate` does the same for a Postgres of one's own.
 */
export async function bringUpToDate(url: string, tell: (line: string) => void): Promise<void> {
  // Loaded here: who starts on an empty folder needs none of it.
  const [{ migrateDatabase }, { createFeatures }, { createRegistry }] = await Promise.all([
    import('./migrate-database.ts'),
    import('@agent-platform/features/index'),
    import('@agent-platform/nodes/index'),
  ]);
  await migrateDatabase({
    url,
    features: createFeatures({ nodes: createRegistry() }),
    only: [],
    tell: (step, changes) => {
      for (const change of changes) tell(`${step}: ${change}`);
    },
    waiting: () => tell('waiting for Postgres'),
  });
}
