import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';

const HEADER_BYTES = 12;
const AAAA = 28;
const NAME_ERROR = 3;

/** What a nameserver says of a name: its addresses, that there is no such name, or nothing at all. */
export type Answer = readonly string[] | 'unknown' | 'silence';

/** A nameserver on a free UDP port that answers as a test says, and tells what it was asked. */
export class Nameserver {
  /** Names in the order of the queries, two for each look-up: A and AAAA. */
  readonly asked: string[] = [];

  private constructor(
    private readonly socket: Socket,
    private readonly answer: (name: string, family: 4 | 6) => Answer,
  ) {
    socket.on('message', (query, from) => this.reply(query, from));
  }

  static async listen(answer: (name: string, family: 4 | 6) => Answer): Promise<Nameserver> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new Nameserver(socket, answer);
  }

  get address(): string {
    return `127.0.0.1:${this.socket.address().port}`;
  }

  async close(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }

  private reply(query: Buffer, from: RemoteInfo): void {
    const { name, end } = nameAt(query, HEADER_BYTES);
    const family = query.readUInt16BE(end) === AAAA ? 6 : 4;
    this.asked.push(name);
    const said = this.answer(name, family);
    if (said === 'silence') return;
    const records = said === 'unknown' ? [] : said.filter((one) => isIPv4(one) === (family === 4));
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt16BE(query.readUInt16BE(0), 0);
    header.writeUInt16BE(0x8180 | (said === 'unknown' ? NAME_ERROR : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    const question = query.subarray(HEADER_BYTES, end + 4);
    const answers = records.map((address) => recordOf(question, address));
    this.socket.send(Buffer.concat([header, question, ...answers]), from.port, from.address);
  }
}

function nameAt(query: Buffer, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = start;
  for (let size = query[at]!; size > 0; size = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + size));
    at += 1 + size;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

/** A record of the question's name, type and class that lives for no time. */
function recordOf(question: Buffer, address: string): Buffer {
  const data = isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : wordsOf(address);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  question.copy(head, 2, question.length - 4);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

/** An IPv6 address with all of its eight words written out. */
function wordsOf(address: string): Buffer {
  const data = Buffer.alloc(16);
  for (const [index, word] of address.split(':').entries())
    data.writeUInt16BE(Number.parseInt(word, 16), index * 2);
  return data;
}
