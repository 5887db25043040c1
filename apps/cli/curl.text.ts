const quote = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** A field of a form, or a file with the path that it is known by. */
export type FormPart = { readonly name: string; readonly text: string } | { readonly file: string; readonly path: string; readonly bytes: Buffer<ArrayBuffer> };

const formOption = (part: FormPart): string => `-F ${quote('text' in part ? `${part.name}=${part.text}` : `files=@"${part.file}";filename="${part.path}"`)}`;

/** A request as a command for a shell. Nothing in it is a secret. */
export function curlText(method: string, url: string, headers: Readonly<Record<string, string>>, body: string | readonly FormPart[] | undefined): string {
  const parts = [
    `curl -sS${method === 'GET' ? '' : ` -X ${method}`} ${quote(url)}`,
    ...Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : typeof body === 'string' ? [`-d ${quote(body)}`] : body.map(formOption)),
  ];
  return parts.join(' \\\n  ');
}
