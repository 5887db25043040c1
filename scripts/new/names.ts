/** One word in every spelling that the repository uses. */
export interface Names {
  /** `purchase-order`: folders, files, packages. */
  readonly kebab: string;
  /** `purchase_order`: streams, subjects, events, columns. */
  readonly snake: string;
  readonly camel: string;
  readonly pascal: string;
  /** `purchase order`: texts. */
  readonly words: string;
}

const HELP = ['--help', '-h'];

/** Tells what is wrong and ends the process: generators write nothing then. */
export function refuse(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** The names of what is to be made; ends the process when there is none, or only a question for help. */
export function namesOf(kebab: string | undefined, usage: string): Names {
  if (kebab !== undefined && HELP.includes(kebab)) {
    process.stdout.write(`Usage: ${usage}, in kebab-case, for example "purchase-order"\n`);
    process.exit(0);
  }
  if (kebab === undefined || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(kebab) || kebab.length > 40) {
    refuse(`name "${kebab ?? ''}": must be one word in kebab-case, for example "purchase-order", of at most 40 characters. Usage: ${usage}`);
  }
  const parts = kebab.split('-');
  const pascal = parts.map(capital).join('');
  return { kebab, snake: parts.join('_'), camel: pascal.charAt(0).toLowerCase() + pascal.slice(1), pascal, words: parts.join(' ') };
}

/** English enough for tables and paths; correct it by hand where it is not. */
export const plural = (word: string): string => (/[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : /(s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`);
