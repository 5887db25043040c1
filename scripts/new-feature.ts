/**
 * `npm run new-feature <name>`: a new aggregate in every place that one has: its contract with a fixture per event,
 * its slice with specs, and a line in the two indexes. It runs as it is; change it into what it should be.
 */
import { contractOf, fixturesOf } from './new/feature.contract.ts';
import { sliceOf } from './new/feature.slice.ts';
import { specsOf } from './new/feature.specs.ts';
import { namesOf, refuse } from './new/names.ts';
import { isPackage, linkPackage, writeTree } from './new/tree.ts';

const names = namesOf(process.argv[2], 'npm run new-feature <name>');
const { kebab, camel } = names;
const name = `@agent-platform/${kebab}`;
if (isPackage(name)) refuse(`name "${kebab}": there is a package ${name} already. Take another name.`);

writeTree({ [`contracts/${kebab}/${kebab}.contract.ts`]: contractOf(names), ...fixturesOf(names), ...sliceOf(names), ...specsOf(names) }, [
  {
    file: 'contracts/index.ts',
    importLine: `import { ${camel}Contract } from './${kebab}/${kebab}.contract.ts';`,
    opens: 'readonly Contract[] = [',
    closes: ']',
    entry: `${camel}Contract`,
  },
  {
    file: 'libs/features/index.ts',
    importLine: `import { ${camel}Feature } from '${name}/index';`,
    opens: 'readonly AnyFeature[] = [',
    closes: ']',
    entry: `${camel}Feature`,
  },
]);
linkPackage(name, `libs/features/${kebab}`);
process.stdout.write(`
Next: change contracts/${kebab}/${kebab}.contract.ts and follow the compiler (npx tsc), then
  npm run sync        packages and lock file
  npm run generate    OpenAPI, AsyncAPI
  npm test -- ${kebab}
`);
