/** The lines of the benchmark's protocol, on standard output. */
const write = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

export type Mark = 'start' | 'end' | 'idle' | 'parked';
/** A moment at which the harness reads CPU time and memory. */
export const mark = (name: Mark): void => write({ mark: name });

/** One number. */
export const result = (workload: string, metric: string, value: number, unit: string): void =>
  write({ peer: 'agent-platform', workload, metric, value: Number(value.toPrecision(6)), unit, node: process.version, at: new Date().toISOString() });

/** Shows a figure of a benchmark. */
export type Show = (metric: string, value: number, unit?: string) => void;
