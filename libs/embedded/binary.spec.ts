import { describe, expect, it } from 'vitest';
import { arMember } from './ar.archive.ts';
import { requireSha256 } from './download.ts';
import { debianMirror, packageFields } from './nats.debian.ts';
import { message, query, readyStatus, renameStatement } from './wire.message.ts';

describe('finding Debian’s package', () => {
  it('takes the mirror of apt’s sources, in both formats', () => {
    expect(debianMirror(['Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\n'])).toBe('http://mirror.example/debian');
    expect(debianMirror(['# none', 'deb [signed-by=/k.gpg] https://mirror.example/debian/ trixie main\n'])).toBe('https://mirror.example/debian');
    expect(debianMirror(['deb http://archive.ubuntu.com/ubuntu noble main\n'])).toBe('http://deb.debian.org/debian');
  });

  it('reads one paragraph of an index', () => {
    const index = 'Package: nats\nFilename: no\n\nPackage: nats-server\nVersion: 2.15.1-1\nFilename: pool/n.deb\nSHA256: ab\n\nPackage: z\n';
    expect(packageFields(index, 'nats-server')).toEqual({ version: '2.15.1-1', filename: 'pool/n.deb', sha256: 'ab' });
    expect(packageFields(index, 'absent')).toBeUndefined();
  });

  it('takes a member out of an ar archive', () => {
    const header = (name: string, size: number): string => `${name.padEnd(16)}${'0'.padEnd(32)}${String(size).padEnd(10)}\`\n`;
    const archive = Buffer.from(`!<arch>\n${header('debian-binary', 3)}2.0\n${header('data.tar.xz', 4)}DATA`);
    expect(arMember(archive, (name) => name.startsWith('data.tar'))).toEqual({ name: 'data.tar.xz', content: Buffer.from('DATA') });
    expect(arMember(Buffer.from('no archive'), () => true)).toBeUndefined();
  });

  it('refuses bytes that are not the promised ones', () => {
    expect(() => requireSha256(Buffer.from('x'), '0'.repeat(64), 'file')).toThrow('expected 000');
  });
});

describe('wire messages', () => {
  const cstring = (text: string): Buffer => Buffer.from(`${text}\0`);
  const rename = (name: string): string => `own_${name}`;

  it('renames the statement in Parse, Bind, Describe and Close', () => {
    expect(renameStatement(message('P', cstring('s'), cstring('select 1')), rename)).toEqual(message('P', cstring('own_s'), cstring('select 1')));
    expect(renameStatement(message('B', cstring('portal'), cstring('s'), Buffer.from([0, 0])), rename)).toEqual(
      message('B', cstring('portal'), cstring('own_s'), Buffer.from([0, 0])),
    );
    expect(renameStatement(message('D', Buffer.from('S'), cstring('s')), rename)).toEqual(message('D', Buffer.from('S'), cstring('own_s')));
    expect(renameStatement(message('C', Buffer.from('S'), cstring('s')), rename)).toEqual(message('C', Buffer.from('S'), cstring('own_s')));
  });

  it('leaves unnamed statements, portals and other messages alone', () => {
    for (const frame of [message('P', cstring(''), cstring('select 1')), message('D', Buffer.from('P'), cstring('p')), query('select 1')]) {
      expect(renameStatement(frame, rename)).toEqual(frame);
    }
  });

  it('reads whether the session is idle', () => {
    expect(readyStatus(message('Z', Buffer.from('T')))).toBe('T');
    expect(readyStatus(Buffer.from('no'))).toBeUndefined();
  });
});
