import { createSocket } from 'node:dgram';
import { Resolver as DnsResolver } from 'node:dns/promises';
import type { Resolver } from '../lookup.guard.ts';
import { cleanups } from './local-servers.ts';

/** What a name server says to one question: addresses of the asked family, or the next name of a chain. */
export type DnsAnswer = readonly string[] | { readonly cname: string; readonly addresses: readonly string[] };

const A = 1;
const AAAA = 28;
const CNAME = 5;

const nameBytes = (name: string): Buffer =>
  Buffer.concat([...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])), Buffer.from([0])]);

/** One resource record (RFC 1035, 3.2.1) with a time to live of 0: nobody may keep it. */
function record(name: string, type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameBytes(name), head, data]);
}

function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const words = (text: string): number[] => (text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16)));
  const missing = tail === undefined ? 0 : 8 - words(head).length - words(tail).length;
  return Buffer.from([...words(head), ...Array.from({ length: missing }, () => 0), ...words(tail ?? '')].flatMap((word) => [word >> 8, word & 255]));
}

/** A name server on loopback that answers each question of a name with the next of its answers, the last one for ever. */
export async function startDns(zones: Readonly<Record<string, readonly DnsAnswer[]>>): Promise<{ readonly resolve: Resolver; asked(name: string): number }> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, peer) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.subarray(at + 1, at + 1 + length).toString());
      at += 1 + length;
    }
    const name = labels.join('.');
    const type = query.readUInt16BE(at + 1);
    const answers = zones[name];
    const answer = answers?.[Math.min(asked.filter((one) => one === `${name}/${type}`).length, answers.length - 1)] ?? [];
    asked.push(`${name}/${type}`);
    const { cname, addresses } = 'cname' in answer ? answer : { cname: undefined, addresses: answer };
    const mine = addresses.filter((address) => (type === AAAA) === address.includes(':'));
    const records = [
      ...(cname === undefined ? [] : [record(name, CNAME, nameBytes(cname))]),
      ...mine.map((one) => record(cname ?? name, type, addressBytes(one))),
    ];
    const head = Buffer.from(query.subarray(0, 12));
    // An answer, recursion available; 3: there is no such name.
    head.writeUInt16BE(0x8180 | (answers ? 0 : 3), 2);
    head.writeUInt16BE(records.length, 6);
    head.writeUInt16BE(0, 8);
    head.writeUInt16BE(0, 10);
    socket.send(Buffer.concat([head, query.subarray(12, at + 5), ...records]), peer.port, peer.address);
  });
  await new Promise<void>((bound) => socket.bind(0, '127.0.0.1', bound));
  cleanups.push(() => new Promise<void>((closed) => socket.close(closed)));
  const resolver = new DnsResolver({ timeout: 1000, tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return {
    asked: (name) => asked.filter((one) => one === `${name}/${A}`).length,
    async resolve(host) {
      const none = (error: NodeJS.ErrnoException): string[] => {
        if (error.code === 'ENODATA' || error.code === 'ENOTFOUND') return [];
        throw error;
      };
      const [four, six] = await Promise.all([resolver.resolve4(host).catch(none), resolver.resolve6(host).catch(none)]);
      return [...four.map((address) => ({ address, family: 4 })), ...six.map((address) => ({ address, family: 6 }))];
    },
  };
}
