import type { Command } from 'commander';
import { act, examples, type Terminal } from './context.ts';
import { count, streamName } from './option.value.ts';

/** `ap state …` */
export function addStateCommand(program: Command, terminal: Terminal): void {
  examples(
    program
      .command('state')
      .argument('<stream>', 'category/id', streamName)
      .description('What a stream was after any of its events, folded from the log')
      .option('--at <version>', 'version; without it the newest', count)
      .action(
        act<[ReturnType<typeof streamName>], { at?: number }>(terminal, async (context, { at }, { category, stream_id }) => {
          const state = await context.gateway.get(`/streams/${category}/${stream_id}/state`, { at });
          if (context.format !== 'table') return context.printItem(state, []);
          const newest = at !== undefined && Number(state['version']) < at ? `, its newest: there is no ${at} yet` : '';
          context.print(context.colors.dim(`${String(state['stream'])} at version ${String(state['version'])}${newest}`));
          context.print(JSON.stringify(state['view'] ?? state['state'], null, 2));
        }),
      ),
    'ap state run/0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b',
    'ap state run/0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b --at 7',
  );
}
