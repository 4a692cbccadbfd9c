// The month's page and the draft of the regulation: figures and settings as they are, never a picture.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { regulation } from '../../hub/regulation.ts';
import { makeVillage, type Running, signIn, type TestSender, type Village } from './village.ts';

const test = suite<{ village: Village; running: Running; node: TestSender }>('report');
test.before(async (context) => {
  context.village = await makeVillage();
  context.running = await context.village.start();
  context.node = await context.village.node('mat-01');
  await context.village.node('mat-02');
  await context.node.join(context.running.hub.broker, 4);
});
test.after(({ village }) => village.remove());

test('a month: uptime from when a node first came, alarms and how soon they were answered', async ({
  village,
  running,
  node,
}) => {
  const hourMs = 3_600_000;
  const noonMs = Date.parse('2026-03-31T12:00:00+07:00');
  const time = (monoMs: number) => ({ monoMs, wallMs: noonMs + monoMs, clock: 'ntp', errorMs: 5 }) as const;
  const event = { id: 'a', phase: 'new', trigger: 'panic', level: 'alarm' } as const;
  await node.deliver(await node.event('a', 'new', {}, { time: time(0), event }));
  const covers = { fromMonoMs: 0, toMonoMs: 6 * hourMs, recorded: [{ fromMonoMs: 0, toMonoMs: 3 * hourMs }] };
  await node.deliver(await node.record({ kind: 'coverage', class: 5, time: time(6 * hourMs) }, JSON.stringify(covers)));
  const { cookie } = await signIn(village.config.dataDir, running.hub.url, 'authority');
  const ask = (month: string) => fetch(`${running.hub.url}api/report?month=${month}`, { headers: { cookie } });
  const text = await (await ask('2026-03')).text();
  assert.not.match(text, /\.jpg|\.mp4|still/);
  const report = JSON.parse(text);
  const [first, second] = report.nodes;
  assert.equal(first.minutes, { recording: 0, buffering: 180, watching: 180, blind: 0, offline: 360, ahead: 0 });
  assert.equal([first.alarms, first.events, report.waiting, report.medianAnswerMs], [1, 0, 1, null]);
  assert.is(
    Object.values<number>(second.minutes).reduce((all, count) => all + count, 0),
    0,
  );
  assert.is((await ask('2026-13')).status, 400);
});

test('the draft regulation says what the hub is set to, and what it does not know', () => {
  const facts = {
    ...{ commune: 'xa-thu', nowMs: Date.parse('2026-11-28T00:00:00+07:00'), escalateMs: 180_000, hasTls: true },
    points: [{ node: 'mat-01', title: 'Cổng | làng <b>', hamlet: '' }],
    accounts: [
      { fullName: 'Lê Văn Thành', role: 'chief' },
      { fullName: 'Trần Thị Hoa', role: 'officer' },
    ] as const,
    retention: { alarmDays: 90, eventDays: 45, lookbackDays: 30, logDays: 365 },
    session: { idleMs: 1_800_000, personMsMax: 50_400_000 },
    lock: { failures: 5, withinMs: 30_000, closedMs: 300_000 },
  };
  const text = regulation(facts);
  assert.match(text, /\| Sự kiện khác, kèm ảnh và video \| 45 ngày \|/);
  assert.match(text, /Người được trích xuất: Lê Văn Thành\./);
  assert.match(text, /\| mat-01 \| Cổng \\\| làng &lt;b> \| \[…\] \|/);
  assert.match(text, /khóa 5 phút/);
  const [chief = '', admin = ''] = ['Chỉ huy', 'Quản trị hệ thống'].map((role) =>
    text.split('\n').find((line) => line.startsWith(`| ${role} |`)),
  );
  assert.match(chief, /mở khóa tài khoản/);
  assert.not.match(chief, /cấp, đóng/);
  assert.match(admin, /mở khóa tài khoản.*cấp, đóng, mở lại tài khoản/);
  assert.match(regulation({ ...facts, retention: undefined }), /chưa đặt thời hạn lưu trữ/);
  assert.match(regulation({ ...facts, accounts: [] }), /Người được trích xuất: \[chưa cấp cho ai\]/);
});

test.run();
