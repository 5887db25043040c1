import { htmlText as text } from '../html-text.ts';

/** What somebody sees who comes back from an authorization server. Whatever it says is text. */
export const signInPage = (title: string, words: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title><style>body{font:16px/1.5 system-ui,sans-serif;margin:4rem auto;max-width:36rem;padding:0 1rem}</style></head>
<body><h1>${text(title)}</h1><p>${text(words)}</p></body></html>`;
