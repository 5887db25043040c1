import { z } from 'zod';
import { htmlText as text } from './html-text.ts';

const Operation = z.looseObject({
  summary: z.string().optional(),
  description: z.string().optional(),
  tags: z.array(z.string()).optional(),
  parameters: z
    .array(
      z.looseObject({
        name: z.string().optional(),
        in: z.string().optional(),
        required: z.boolean().optional(),
        description: z.string().optional(),
        schema: z.unknown().optional(),
      }),
    )
    .optional(),
  requestBody: z.unknown().optional(),
  responses: z.record(z.string(), z.looseObject({ description: z.string().optional() })).optional(),
});
type Operation = z.output<typeof Operation>;

/** As much of an OpenAPI document as the page shows. */
export const OpenApi = z.looseObject({
  info: z.looseObject({ title: z.string(), version: z.string(), description: z.string().optional() }),
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()).optional() }).optional(),
});
export type OpenApi = z.output<typeof OpenApi>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** One page of HTML with every route, its parameters, bodies and answers; no script, nothing from elsewhere. */
export function docsPage({ info, paths, components }: OpenApi): string {
  const routes = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const parsed = Operation.safeParse(item[method]);
      return item[method] !== undefined && parsed.success ? [{ method, path, operation: parsed.data }] : [];
    }),
  );
  const groups = Map.groupBy(routes, ({ path, operation }) => operation.tags?.[0] ?? path.split('/')[1] ?? '');
  const names = [...groups.keys()];
  const schemas = Object.entries(components?.schemas ?? {});
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(info.title)}</title><style>${STYLE}</style></head><body><header><h1>${text(info.title)} <small>${text(info.version)}</small></h1>
<p>${text(info.description ?? '')}</p><p>As JSON: <a href="/openapi.json">openapi.json</a> for HTTP, <a href="/asyncapi.json">asyncapi.json</a> for NATS.</p>
<nav>${[...names, 'schemas'].map((name) => `<a href="#${text(name)}">${text(name)}</a>`).join(' ')}</nav></header><main>
${[...groups].map(([name, all]) => `<section id="${text(name)}"><h2>${text(name)}</h2>${all.map(({ method, path, operation }) => route(method, path, operation)).join('')}</section>`).join('')}
<section id="schemas"><h2>schemas</h2>${schemas.map(([name, schema]) => `<details id="schema-${text(name)}"><summary><code>${text(name)}</code></summary>${json(schema)}</details>`).join('')}</section>
</main></body></html>`;
}

function route(method: string, path: string, operation: Operation): string {
  const parameters = operation.parameters ?? [];
  return `<details><summary><b class="${method}">${method.toUpperCase()}</b> <code>${text(path)}</code> ${text(operation.summary ?? '')}</summary>
${operation.description === undefined ? '' : `<p>${text(operation.description)}</p>`}
${parameters.length === 0 ? '' : `<h4>Parameters</h4><table>${parameters.map((one) => `<tr><td><code>${text(one.name ?? '')}</code></td><td>${text(one.in ?? '')}${one.required === true ? ', required' : ''}</td><td>${text(one.description ?? '')}</td><td>${json(one.schema ?? {})}</td></tr>`).join('')}</table>`}
${operation.requestBody === undefined ? '' : `<h4>Body</h4>${json(operation.requestBody)}`}
<h4>Answers</h4>${Object.entries(operation.responses ?? {})
    .map(([status, { description, ...rest }]) => `<details><summary>${text(status)} ${text(description ?? '')}</summary>${json(rest)}</details>`)
    .join('')}</details>`;
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem;color:#1c2430;background:#fff}small{color:#667}nav a{margin-right:.6rem}
details{border:1px solid #dde3ea;border-radius:6px;margin:.4rem 0;padding:.3rem .7rem}summary{cursor:pointer}pre{background:#f5f7fa;padding:.6rem;overflow:auto;border-radius:4px;font-size:13px;margin:.3rem 0}
table{border-collapse:collapse;width:100%}td{border-top:1px solid #e6ebf0;padding:.2rem .5rem;vertical-align:top}b{display:inline-block;min-width:4.2em}.get{color:#0b6}.post{color:#06c}.put,.patch{color:#b60}.delete{color:#c22}h4{margin:.6rem 0 .2rem}
@media(prefers-color-scheme:dark){body{background:#12161c;color:#dfe6ee}pre{background:#1b222b}details,td{border-color:#2a3440}a{color:#6cf}}`;

/** Schemas of components become links. */
const json = (value: unknown): string =>
  `<pre>${text(JSON.stringify(value, null, 2)).replaceAll(/#\/components\/schemas\/([\w.-]+)/g, (all, name: string) => `<a href="#schema-${name}">${all}</a>`)}</pre>`;
