// The hub loses its disk at hour 48 of 72: a node keeps what was delivered as long as its card has room, and sends it again when it is asked.
//
// Compressed: an hour is as long as its ten events with their clips take; the node's spool has room for about a day of them, so that it has given up
// by then what was delivered before.

import { parseFileName } from '../../../protocol/record-file.ts';
import { knockAtHub } from '../../hub/door.ts';
import type { Author } from './author.ts';
import { type Post, until } from './post.ts';

const [wipedAtHour, endHour, keptHours] = [48, 72, 24];
const eventsAnHour = 10;
const clipBytes = 32 * 1024;
/** An event, a clip and its segment, with their manifests. */
const spoolBytes = keptHours * eventsAnHour * (clipBytes + 5000);
const deliveryMsMax = 60_000;
const resendMsMax = 120_000;

export interface WipedFigures {
  /** Files that the node still had when the hub asked, of how many it had delivered. */
  readonly wipedHeld: number;
  readonly wipedDelivered: number;
  /** Of those it still had, the share that is at the hub again. */
  readonly wipedShare: number;
  /** Files under a number that the hub has under another name too, and rows of its catalogue without a file of their own. */
  readonly wipedTwice: number;
  /** What was made after the loss and is not there. */
  readonly wipedLostAfter: number;
  readonly wipedS: number;
}

export async function measureWiped(post: Post, author: Author): Promise<WipedFigures> {
  const uplink = post.startUplink(author.node);
  const isDelivered = () =>
    until('an hour to be delivered', deliveryMsMax, async () => (await post.waits(author)) === 0);
  for (let hour = 0; hour < wipedAtHour; hour += 1) {
    await liveAnHour(author);
    await isDelivered();
    await author.makeRoom(spoolBytes);
  }
  const delivered = author.written.length;
  const held = await author.delivered();
  await post.wipeHub();
  const door = await knockAtHub(post.stage.hubDir);
  if (door === undefined) throw new Error('the hub does not answer after the loss of its disk');
  const askedMs = performance.now();
  await until('the node to be asked', deliveryMsMax, async () => {
    const [answer] = await door.resend('bench', [author.node.id]);
    return answer?.ok === true;
  });
  // Life goes on meanwhile, without making room: what is asked for would be given up on its way.
  for (let hour = wipedAtHour; hour < endHour; hour += 1) await liveAnHour(author);
  const isBack = () => held.filter((name) => post.hasFile(author, name)).length;
  await until('what it held to be back', resendMsMax, () => isBack() === held.length).catch(() => undefined);
  const wipedS = (performance.now() - askedMs) / 1000;
  await isDelivered().catch(() => undefined);
  await uplink.kill();
  const names = await post.filesOf(author);
  return {
    wipedHeld: held.length,
    wipedDelivered: delivered,
    wipedShare: isBack() / held.length,
    wipedTwice: names.length - new Set(names.map(identityOf)).size + ((await post.rowsOf(author)) - names.length),
    wipedLostAfter: author.written.slice(delivered).filter((each) => !post.has(author, each)).length,
    wipedS,
  };
}

async function liveAnHour(author: Author): Promise<void> {
  for (let n = 0; n < eventsAnHour; n += 1) {
    await author.event('event');
    await author.clip([await author.segment(4, clipBytes)]);
  }
  for (const drainClass of [1, 4] as const) author.ring(drainClass);
}

function identityOf(name: string): string {
  const file = parseFileName(name);
  if (file === undefined) return name;
  return `${file.is} ${file.boot} ${file.is === 'record' ? file.seq : file.seg}`;
}
