// What a card has to bear: bytes the device is given for each byte of footage and records, flushes for each file, bytes a day under the reference load
// (500 events with clips of 4 MB) and an hour in which nothing happens. A whole recorder, ext4 on a loop device, the kernel's own counters.
import { type CountedCard, openCountedCard } from './card/device.ts';
import { openWoundNode, type Profile } from './card/node.ts';
import type { BenchResult } from './figures.ts';

export interface CardBenchOptions {
  /** Events of the reference day that are acted out. */
  readonly events?: number;
  /** Of the hour in which nothing happens. */
  readonly idleSeconds?: number;
}

const eventsUsual = 5;
const eventsADay = 500;
const daySeconds = 86_400;
/** 6 s before, 4 s of somebody, 6 s after: 16 s of 2 Mbit/s are 4 MB. */
const eventSeconds = 4;
const betweenSeconds = Math.floor(daySeconds / eventsADay) - eventSeconds;
/** The background is learned in this time. */
const warmUpSeconds = 20;
const hourSeconds = 3600;
const cardMebibytes = { ring: 2048, events: 512 } as const;

interface Borne {
  readonly deviceBytes: number;
  readonly payloadBytes: number;
  readonly flushes: number;
  readonly files: number;
  readonly clips: number;
}

export async function benchCard(say: (line: string) => void, options: CardBenchOptions = {}): Promise<BenchResult> {
  const { events = eventsUsual, idleSeconds = hourSeconds } = options;
  const of: Record<Profile, Borne> = { ring: await act('ring', events, say), events: await act('events', events, say) };
  say('an hour in which nothing happens, profile events …');
  const idle = await onCard(cardMebibytes.events, 'events', async (live) => live(idleSeconds, false));
  const figures: Record<string, number> = {};
  const keep = (key: string, value: number) => {
    figures[key] = Math.round(value * 1000) / 1000;
  };
  const perByte = (profile: Profile) => of[profile].deviceBytes / of[profile].payloadBytes;
  const perFile = (profile: Profile) => of[profile].flushes / of[profile].files;
  const aDay = (profile: Profile) => Math.round((of[profile].deviceBytes / events) * eventsADay);
  keep('deviceBytesPerByte', Math.max(perByte('ring'), perByte('events')));
  keep('flushesPerRecord', Math.max(perFile('ring'), perFile('events')));
  keep('bytesPerDay', aDay('events'));
  keep('idleBytesPerHour', (idle.deviceBytes / idleSeconds) * hourSeconds);
  for (const profile of ['ring', 'events'] as const) {
    keep(`${profile}DeviceBytesPerByte`, perByte(profile));
    keep(`${profile}FlushesPerRecord`, perFile(profile));
    keep(`${profile}BytesPerDay`, aDay(profile));
    keep(`${profile}Clips`, of[profile].clips);
    keep(`${profile}FilesPerEvent`, of[profile].files / events);
  }
  return {
    figures,
    targets: {
      deviceBytesPerByte: { max: 1.2 },
      idleBytesPerHour: { max: 5_000_000 },
      ringClips: { min: events },
      eventsClips: { min: events },
    },
    peers: {},
    details: cardLife(aDay('ring'), aDay('events')),
  };
}

/** A part of the reference day: so many events, and the quiet between them. */
async function act(profile: Profile, events: number, say: (line: string) => void): Promise<Borne> {
  return await onCard(cardMebibytes[profile], profile, async (live) => {
    for (let n = 1; n <= events; n++) {
      say(`profile ${profile}: event ${n} of ${events}`);
      await live(betweenSeconds, false);
      await live(eventSeconds, true);
    }
    // The last one's end.
    await live(20, false);
  });
}

async function onCard(
  mebibytes: number,
  profile: Profile,
  play: (live: (seconds: number, somebody: boolean) => Promise<void>) => Promise<void>,
): Promise<Borne> {
  const card: CountedCard = openCountedCard(mebibytes);
  try {
    const node = await openWoundNode(card.at, profile);
    await node.live(warmUpSeconds, false);
    const [before, given] = [card.counts(), node.payload()];
    await play(node.live);
    const [after, handed] = [card.counts(), node.payload()];
    const clips = await node.clips();
    await node.stop();
    return {
      deviceBytes: after.writtenBytes - before.writtenBytes,
      flushes: after.flushes - before.flushes,
      payloadBytes: handed.bytes - given.bytes,
      files: handed.files - given.files,
      clips,
    };
  } finally {
    card.remove();
  }
}

/** Bytes that makers vouch for, as full writes of the card: industrial cards by data sheet, others by experience. */
const cards = [
  { card: '16 GB, any (TLC, 300 full writes)', bytes: 16e9 * 300 },
  { card: '32 GB, any (TLC, 500 full writes)', bytes: 32e9 * 500 },
  { card: '64 GB, "high endurance" (1000)', bytes: 64e9 * 1000 },
  { card: '32 GB, industrial (pSLC, 20,000)', bytes: 32e9 * 20_000 },
] as const;
/** What a card's own controller writes for each byte it is given, in long runs of large files. */
const cardsOwnShare = 1.5;

function cardLife(ringBytes: number, eventsBytes: number): Record<string, string | number>[] {
  const years = (bytes: number, perDay: number) => (bytes / cardsOwnShare / perDay / 365).toFixed(1);
  return cards.map(({ card, bytes }) => ({
    card,
    'years, ring': years(bytes, ringBytes),
    'years, events': years(bytes, eventsBytes),
  }));
}
