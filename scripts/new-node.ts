/**
 * `npm run new-node <type>`: a new workflow node type in every place that one has: the schema of its config, the node,
 * its spec, and a line in the two indexes. It is a pure node; libs/nodes/README.md tells how to make it an effect.
 */
import { namesOf } from './new/names.ts';
import { nodeOf } from './new/node.template.ts';
import { writeTree } from './new/tree.ts';

const names = namesOf(process.argv[2], 'npm run new-node <type>');
const { kebab, camel, pascal } = names;
const key = kebab === camel ? kebab : `'${kebab}'`;

writeTree(nodeOf(names), [
  {
    file: 'contracts/nodes/index.ts',
    importLine: `import { ${pascal}Config } from './${kebab}.config.ts';`,
    opens: 'nodeConfigs = {',
    closes: '}',
    entry: `${key}: ${pascal}Config`,
  },
  {
    file: 'libs/nodes/index.ts',
    importLine: `import { ${camel}Node } from './${kebab}.node.ts';`,
    opens: 'builtin = {',
    closes: '}',
    entry: `${key}: ${camel}Node`,
  },
]);
process.stdout.write(`
Next: change contracts/nodes/${kebab}.config.ts and libs/nodes/${kebab}.node.ts, add a row to libs/nodes/README.md, then
  npm run generate    JSON Schema, OpenAPI
  npm test -- ${kebab}
`);
