const UNNAMED = /(^|\.)(__)?schema\d+$/;

/**
 * Schemas that contain themselves get made-up names, one for each place that uses them (`__schema0`, `schema1` …). They
 * are all "any JSON value": equal ones become one, with a name that people can read.
 */
export function mergeRecursive<D extends object>(document: D, root = '#/components/schemas/'): D {
  const schemas = (document as { components?: { schemas?: Record<string, unknown> } }).components?.schemas ?? {};
  let text = JSON.stringify(document);
  const bodies = new Map<string, string>();
  for (const name of Object.keys(schemas).filter((one) => UNNAMED.test(one))) {
    const body = JSON.stringify(schemas[name]).replaceAll(`"${root}${name}"`, '"self"');
    const known = bodies.get(body) ?? (bodies.size === 0 ? 'JsonValue' : `Recursive${bodies.size}`);
    bodies.set(body, known);
    text = text.replaceAll(`"${root}${name}"`, `"${root}${known}"`);
  }
  const merged = JSON.parse(text) as { components?: { schemas?: Record<string, unknown> } };
  const all = merged.components?.schemas ?? {};
  for (const name of Object.keys(all)) if (UNNAMED.test(name)) delete all[name];
  for (const [body, name] of bodies) all[name] = JSON.parse(body.replaceAll('"self"', `"${root}${name}"`));
  if (merged.components) merged.components.schemas = Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return merged as D;
}
