import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    /** Methods that a path takes, e.g. GET and HEAD; none when there is no such path. */
    methodsAt(path: string): readonly string[];
  }
}

/** Remembers the routes that are mounted after it, so that who asks with the wrong method is told the right ones. */
export function rememberMethods(app: FastifyInstance): void {
  const known: { readonly methods: readonly string[]; readonly steps: readonly string[] }[] = [];
  app.addHook('onRoute', ({ method, url }) => void known.push({ methods: [method].flat(), steps: stepsOf(url) }));
  app.decorate('methodsAt', (path) => {
    const asked = stepsOf(path);
    return [...new Set(known.flatMap(({ methods, steps }) => (isAt(steps, asked) ? methods : [])))].toSorted();
  });
}

const stepsOf = (path: string): readonly string[] => path.replace(/\/$/, '').split('/');

/** Whether `/runs/:run_id` or `/models/*` is the route of a path. */
function isAt(route: readonly string[], path: readonly string[]): boolean {
  if (route.at(-1) === '*') return path.length >= route.length && isAt(route.slice(0, -1), path.slice(0, route.length - 1));
  return route.length === path.length && route.every((step, index) => (step.startsWith(':') ? path[index] !== '' : step === path[index]));
}
