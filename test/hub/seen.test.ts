// Who looked at which picture: written before it is shown, once a look; the stills of a wall by node, and in few lines.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Audit } from '../../hub/audit.ts';
import type { Person } from '../../hub/desk/sessions.ts';
import { openSeen } from '../../hub/web/seen.ts';
import type { AuditEntry } from '../../protocol/audit.ts';

const person = (name: string) => ({ token: `t-${name}`, name, role: 'officer' }) as Person;
const an = person('an');

/** A log whose disk takes its time: each line is on it when `flush` says so. */
function slowLog() {
  const lines: AuditEntry[] = [];
  const waiting: { done: () => void; fail: (error: Error) => void }[] = [];
  const audit = {
    append: (entry: AuditEntry) => {
      lines.push(entry);
      return new Promise<void>((done, fail) => void waiting.push({ done, fail }));
    },
  } as unknown as Audit;
  const settle = () => new Promise((done) => setImmediate(done));
  let nowMs = 0;
  return {
    lines,
    nodes: () => lines.map(({ details }) => details?.nodes),
    seen: openSeen(audit, () => nowMs),
    pass: (minutes: number) => {
      nowMs += minutes * 60_000;
    },
    flush: async (error?: Error) => {
      await settle();
      const first = waiting.shift();
      if (error === undefined) first?.done();
      else first?.fail(error);
      await settle();
    },
  };
}

test('a wall of 35 nodes is two lines that name them all, and no still is shown before its line is on the disk', async () => {
  const { seen, lines, nodes, flush } = slowLog();
  const wall = Array.from({ length: 35 }, (_, n) => `mat-${String(n + 1).padStart(2, '0')}`);
  const shown: string[] = [];
  const first = seen.still(an, 'mat-01').then(() => shown.push('mat-01'));
  await new Promise((done) => setImmediate(done));
  const others = wall.slice(1).map(async (node) => {
    await seen.still(an, node);
    shown.push(node);
  });
  await flush();
  assert.equal(shown, ['mat-01']);
  await flush();
  await Promise.all([first, ...others]);
  assert.is(shown.length, 35);
  assert.equal(nodes(), ['mat-01', wall.slice(1).join(', ')]);
  assert.equal(
    lines.map(({ actor, action, subject }) => [actor, action, subject]),
    [1, 2].map(() => ['officer:an', 'view', 'stills']),
  );
});

test('who looks at the same node again is written down an hour later, a clip ten minutes later, each by person', async () => {
  const { seen, lines, pass, flush } = slowLog();
  const look = async () => {
    const before = lines.length;
    const all = [seen.still(an, 'mat-01'), seen.write(an, 'clip mat-01/b/1'), seen.still(person('binh'), 'mat-01')];
    for (let n = 0; n < 3; n++) await flush();
    await Promise.all(all);
    return lines.slice(before).map(({ actor, subject }) => `${actor} ${subject}`);
  };
  assert.equal((await look()).sort(), ['officer:an clip mat-01/b/1', 'officer:an stills', 'officer:binh stills']);
  pass(9);
  assert.equal(await look(), []);
  pass(2);
  assert.equal(await look(), ['officer:an clip mat-01/b/1']);
  pass(50);
  assert.equal((await look()).length, 3);
});

test('a line takes as many names as it may hold, the next ones go into another', async () => {
  const { seen, nodes, flush } = slowLog();
  const wall = Array.from({ length: 100 }, (_, n) => `mat-rat-dai-${String(n).padStart(3, '0')}`);
  const all = wall.map((node) => seen.still(an, node));
  for (let n = 0; n < 4; n++) await flush();
  await Promise.all(all);
  const told = nodes().map(String);
  assert.ok(told.length > 1 && told.every((names) => names.length <= 1000), String(told.map(({ length }) => length)));
  assert.equal(told.flatMap((names) => names.split(', ')).sort(), wall);
});

test('a line that cannot be written shows nothing, and the next look tries again', async () => {
  const { seen, lines, flush } = slowLog();
  const first = seen.still(an, 'mat-01').then(
    () => 'shown',
    (error: Error) => error.message,
  );
  await flush(new Error('ENOSPC'));
  assert.is(await first, 'ENOSPC');
  const again = seen.still(an, 'mat-01');
  await flush();
  await again;
  assert.is(lines.length, 2);
});

test.run();
