import { registerHooks } from 'node:module';

// Loaded before a role (`--import`): what JetStream delivers to it comes twice and out of order. The role's code is
// changed while it is loaded, so nothing of this exists in production.
const WANTED = 'handlers.message(message);';

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith('/libs/messaging/pull.ts')) return loaded;
    const text = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source ?? undefined);
    if (!text.includes(WANTED)) throw new Error(`${url} does not hold "${WANTED}" any more; bring test/chaos/disturb.shim.ts up to date`);
    const source = text.replace(WANTED, 'disturb(message, handlers.message);');
    return { ...loaded, source: `import { disturb } from '${new URL('./disturb.ts', import.meta.url).href}';\n${source}` };
  },
});
