/** Text with `\n` at the end of its lines and without a byte order mark. Positions of chunks are places in this. */
export const plainText = (text: string): string => text.replaceAll(/\r\n?/g, '\n').replace(/^\uFEFF/, '');
