const NEEDED = 24;

/** Ends the process with a remedy unless it runs on Node 24: the tools below fail in stranger ways on an older one. */
export function checkNode(): void {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED) return;
  process.stderr.write(`Node ${NEEDED} is needed (this is ${process.version}). Remedy: start it through npm, for example "npm test".\n`);
  process.exit(1);
}
