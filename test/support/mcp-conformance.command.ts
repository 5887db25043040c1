/*
 * What the official conformance suite starts in the place of a client, for each scenario: it has the client of the test,
 * whose address is in the environment, do the work. The address of the suite's own server is the last argument.
 */
const { MCP_CONFORMANCE_CLIENT: client = '', MCP_CONFORMANCE_SCENARIO: scenario = '', MCP_CONFORMANCE_CONTEXT: context = '{}' } = process.env;
const done = await fetch(client, { method: 'POST', body: JSON.stringify({ url: process.argv.at(-1), scenario, context: JSON.parse(context) as unknown }) });
process.stderr.write(await done.text());
process.exitCode = done.ok ? 0 : 1;
