// The way to the hub: the link itself, the keys and certificates it needs, and what waits for it.
import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { folders } from '../../agent/outbox.ts';
import { readLinks } from '../../hal/links.ts';
import { brokerAt } from '../../protocol/host.ts';
import { drainClasses } from '../../protocol/manifest.ts';
import { type Check, type Found, fail, mib, ok, type Patient, warn } from './check.ts';

const connectMsMax = 5000;
const dayMs = 86_400_000;
/** A certificate is renewed long before this; fewer days left mean that renewal does not work. */
const daysLeftMin = 14;

export const linkChecks: readonly Check[] = [
  { id: 'link', vi: 'Đường truyền về máy chủ xã', en: 'Link to the hub', look: link },
  { id: 'identity', vi: 'Khóa và chứng thư', en: 'Keys and certificates', look: identity },
  { id: 'spool', vi: 'Dữ liệu chờ gửi', en: 'Waiting to be sent', look: spool },
];

async function link({ config, language }: Patient): Promise<Found> {
  const vi = language === 'vi';
  if (config === undefined)
    return warn(
      vi ? 'chưa có cấu hình' : 'no configuration',
      vi ? 'Chạy lại với --config TỆP' : 'Run again with --config FILE',
    );
  const { host, port } = brokerAt(config.uplink.broker);
  const ways = (await readLinks()).filter(({ up }) => up);
  const names = ways.map(({ name, signalDbm }) => (signalDbm === null ? name : `${name} ${signalDbm} dBm`)).join(', ');
  const reached = await roundTrip(host, port);
  const measured = `${host}: ${reached.ok ? `${reached.ms.toFixed(0)} ms` : reached.why}; ${names === '' ? (vi ? 'không có mạng' : 'no interface is up') : names}`;
  if (reached.ok) return ok(measured);
  const next = vi
    ? 'Kiểm tra sim, dây mạng, địa chỉ uplink.broker; hình vẫn được giữ trên thẻ'
    : 'Check sim, cable and uplink.broker; footage is kept on the card meanwhile';
  // Nothing is lost meanwhile: the node records on.
  return warn(measured, next);
}

type Reached = { readonly ok: true; readonly ms: number } | { readonly ok: false; readonly why: string };

/** Until the machine has answered: one round trip, and the look-up of its name. */
export function roundTrip(host: string, port: number): Promise<Reached> {
  return new Promise((done) => {
    const startMs = performance.now();
    const socket = connect({ host, port, timeout: connectMsMax });
    const end = (reached: Reached) => {
      socket.destroy();
      done(reached);
    };
    socket.once('connect', () => end({ ok: true, ms: performance.now() - startMs }));
    socket.once('timeout', () => end({ ok: false, why: `no answer within ${connectMsMax} ms` }));
    socket.once('error', (error) => end({ ok: false, why: error.message }));
  });
}

async function identity({ config, home, language }: Patient): Promise<Found> {
  const vi = language === 'vi';
  const folder = resolve(home, config?.identityDir ?? 'identity');
  const join_ = vi ? 'Đăng ký với máy chủ xã: matlang enrol' : 'Join the hub: matlang enrol';
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return warn(vi ? `${folder}: chưa có` : `${folder}: absent`, join_);
  const missing = ['signing.pem', 'hub.pub', 'recipients.txt'].filter((name) => !names.includes(name));
  if (missing.length > 0) return warn(`${folder}: ${vi ? 'thiếu' : 'missing'} ${missing.join(', ')}`, join_);
  const mode = (await stat(join(folder, 'signing.pem'))).mode & 0o777;
  if ((mode & 0o077) !== 0) {
    const text = `signing.pem ${mode.toString(8)}`;
    return fail(
      text,
      vi ? 'Người khác đọc được khóa: chmod 600 signing.pem' : 'Others can read the key: chmod 600 signing.pem',
    );
  }
  const certificates = await certificatesIn(folder, names);
  const daysLeft = Math.min(...certificates.map(({ untilMs }) => Math.floor((untilMs - Date.now()) / dayMs)));
  const measured = certificates
    .map(({ name, untilMs }) => `${name} ${vi ? 'đến' : 'until'} ${new Date(untilMs).toISOString().slice(0, 10)}`)
    .join(', ');
  if (certificates.length === 0) return ok(vi ? 'đủ khóa, không có chứng thư' : 'keys are there, no certificate');
  if (daysLeft >= daysLeftMin) return ok(measured);
  return warn(
    measured,
    vi
      ? 'Chứng thư sắp hết hạn mà chưa được gia hạn: xem đường truyền và giờ'
      : 'About to expire and not renewed: look at link and clock',
  );
}

async function certificatesIn(folder: string, names: readonly string[]): Promise<{ name: string; untilMs: number }[]> {
  const found: { name: string; untilMs: number }[] = [];
  for (const name of names) {
    if (!/\.(crt|pem|cer)$/.test(name)) continue;
    const text = await readFile(join(folder, name), 'utf8').catch(() => '');
    if (text.includes('BEGIN CERTIFICATE'))
      found.push({ name, untilMs: Date.parse(new X509Certificate(text).validTo) });
  }
  return found;
}

async function spool({ config, home, language }: Patient): Promise<Found> {
  const vi = language === 'vi';
  const at = folders(resolve(home, config?.dataDir ?? 'data'));
  let files = 0;
  let bytes = 0;
  let oldestMs = Number.POSITIVE_INFINITY;
  for (const drainClass of drainClasses) {
    const names = await readdir(at.waiting(drainClass)).catch(() => []);
    files += names.length;
    // Sorted by boot and number: the first is the oldest. Sizes of the first thousand speak for all.
    for (const name of names.sort().slice(0, 1000)) {
      const found = await stat(join(at.waiting(drainClass), name)).catch(() => undefined);
      bytes += found?.size ?? 0;
      oldestMs = Math.min(oldestMs, found?.mtimeMs ?? oldestMs);
    }
  }
  const damaged = (await readdir(at.quarantine).catch(() => [])).length;
  const hours = files === 0 ? 0 : Math.round((Date.now() - oldestMs) / 360_000) / 10;
  const measured = `${files} ${vi ? 'tệp' : 'files'}, ${mib(bytes)} MiB, ${vi ? 'cũ nhất' : 'oldest'} ${hours} h, ${damaged} ${vi ? 'tệp hỏng' : 'damaged'}`;
  const most = config?.storage.spoolMiB ?? Number.POSITIVE_INFINITY;
  if (mib(bytes) > most * 0.8)
    return warn(
      measured,
      vi ? 'Gần đầy: nối mạng, hoặc chép ra USB' : 'Nearly full: get a link, or carry it on a stick',
    );
  if (damaged > 0)
    return warn(
      measured,
      vi ? 'Thẻ nhớ có lỗi: thay thẻ trong lần tới' : 'The card has errors: replace it on the next visit',
    );
  return ok(measured);
}
