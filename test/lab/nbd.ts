// A virtual card behind a network block device (NBD, fixed newstyle handshake): QEMU is the only client it has to please.
// Protocol: https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { VirtualCard } from './virtual-card.ts';

export interface NbdServer {
  /** No further byte of the machine reaches the card. */
  close(): Promise<void>;
}

const magic = { server: 'NBDMAGIC', option: 0x49484156454f5054n, optionReply: 0x3e889045565a9n } as const;
const requestMagic = 0x25609513;
const replyMagic = 0x67446698;
const options = { exportName: 1, abort: 2, info: 6, go: 7 } as const;
const replies = { ack: 1, info: 3, unsupported: 0x80000001 } as const;
const commands = { read: 0, write: 1, disconnect: 2, flush: 3 } as const;
const errors = { none: 0, invalid: 22 } as const;
/** It has flags, takes FLUSH and takes FUA. No TRIM: cards that lose what was trimmed are another story. */
const transmissionFlags = 0b1101;
const fuaFlag = 1;
const requestBytes = 28;
/** More than QEMU asks for at once. */
const payloadBytesMax = 33 * 1024 * 1024;

/** Listens on a Unix socket. */
export async function serveNbd(card: VirtualCard, socketPath: string): Promise<NbdServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // The machine is killed in mid-sentence: that is what this is for.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    talk(socket, card);
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

type Phase = 'flags' | 'options' | 'transmission' | 'over';

/** Each step takes what it needs of what has come, or undefined while that is not enough. */
function talk(socket: Socket, card: VirtualCard): void {
  let held: Buffer = Buffer.alloc(0);
  let phase: Phase = 'flags';
  socket.write(hello());
  const step = (): number | undefined => {
    if (phase === 'flags') return held.length < 4 ? undefined : go('options', 4);
    if (phase === 'options') return option();
    return phase === 'transmission' ? request() : undefined;
  };
  const go = (next: Phase, taken: number) => {
    phase = next;
    return taken;
  };
  const option = (): number | undefined => {
    if (held.length < 16) return undefined;
    const [asked, length] = [held.readUInt32BE(8), held.readUInt32BE(12)];
    if (length > payloadBytesMax) return hangUp();
    if (held.length < 16 + length) return undefined;
    const taken = 16 + length;
    if (asked === options.exportName) {
      socket.write(exportSize(card.bytes));
      return go('transmission', taken);
    }
    if (asked === options.info || asked === options.go) {
      socket.write(
        Buffer.concat([optionReply(asked, replies.info, exportInfo(card.bytes)), optionReply(asked, replies.ack)]),
      );
      return asked === options.go ? go('transmission', taken) : taken;
    }
    if (asked === options.abort) return hangUp();
    socket.write(optionReply(asked, replies.unsupported));
    return taken;
  };
  const request = (): number | undefined => {
    if (held.length < requestBytes) return undefined;
    const [flags, command] = [held.readUInt16BE(4), held.readUInt16BE(6)];
    const [offset, length] = [Number(held.readBigUInt64BE(16)), held.readUInt32BE(24)];
    if (held.readUInt32BE(0) !== requestMagic || length > payloadBytesMax) return hangUp();
    const taken = requestBytes + (command === commands.write ? length : 0);
    if (held.length < taken) return undefined;
    const head = (error: number) => reply(held.subarray(8, 16), error);
    if (command === commands.disconnect) return hangUp();
    if (command !== commands.flush && offset + length > card.bytes) socket.write(head(errors.invalid));
    else if (command === commands.read) socket.write(Buffer.concat([head(errors.none), card.read(offset, length)]));
    else if (command === commands.write) {
      card.write(offset, held.subarray(requestBytes, taken), (flags & fuaFlag) !== 0);
      socket.write(head(errors.none));
    } else if (command === commands.flush) {
      card.flush();
      socket.write(head(errors.none));
    } else socket.write(head(errors.invalid));
    return taken;
  };
  const hangUp = (): undefined => {
    phase = 'over';
    socket.destroy();
  };
  socket.on('data', (bytes: Buffer) => {
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    for (let taken = step(); taken !== undefined; taken = step()) held = held.subarray(taken);
  });
}

function hello(): Buffer {
  const bytes = Buffer.alloc(18);
  bytes.write(magic.server, 0, 'latin1');
  bytes.writeBigUInt64BE(magic.option, 8);
  // Fixed newstyle, and no 124 zeros after the export's size.
  bytes.writeUInt16BE(0b11, 16);
  return bytes;
}

function exportSize(size: number): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.writeBigUInt64BE(BigInt(size), 0);
  bytes.writeUInt16BE(transmissionFlags, 8);
  return bytes;
}

const exportInfo = (size: number): Buffer => Buffer.concat([Buffer.alloc(2), exportSize(size)]);

function optionReply(option: number, type: number, data: Buffer = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.writeBigUInt64BE(magic.optionReply, 0);
  bytes.writeUInt32BE(option, 8);
  bytes.writeUInt32BE(type, 12);
  bytes.writeUInt32BE(data.length, 16);
  return Buffer.concat([bytes, data]);
}

function reply(handle: Uint8Array, error: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(replyMagic, 0);
  bytes.writeUInt32BE(error, 4);
  bytes.set(handle, 8);
  return bytes;
}
