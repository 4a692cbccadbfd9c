// A node's settings at the hub: what it told at its start, what would change, and what is wrong with it.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mergePatch, patchBetween } from '../../agent/core/config/patch.ts';
import { configSchema } from '../../agent/core/config/schema.ts';
import { faultsIn, foreignTo, settingsOf } from '../../agent/core/config/settings.ts';
import { changesOf, fieldsOf } from '../../hub/desk/fields.ts';

const config = (camera: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  configSchema.parse({ commune: 'xa-thu', node: 'mat-01', title: 'Chợ', camera, ...more });
const rtsp = config({ driver: 'rtsp', url: 'rtsp://admin:mat-khau@10.0.0.9/1' });

test('no address and no password of a camera is told', () => {
  assert.not.match(JSON.stringify(settingsOf(rtsp)), /mat-khau|rtsp:\/\//);
});

// Whatever a person changes, the node ends with just that. Settings hold no null.
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(0, 1, 'a', true),
    fc.array(fc.constantFrom(0, 'b'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;
const group = fc.dictionary(fc.constantFrom('a', 'b', 'c'), json, { maxKeys: 3, noNullPrototype: true });

test('the patch between two settings leads from the one to the other, and says nothing where they agree', () => {
  fc.assert(
    fc.property(group, group, (from, to) => {
      const patch = patchBetween(from as never, to as never);
      assert.equal(mergePatch(from, patch), to);
      if (JSON.stringify(from) === JSON.stringify(to)) assert.equal(patch, {});
    }),
  );
});

test('faults are those that the node itself would tell, with their key', () => {
  const settings = settingsOf(rtsp);
  assert.equal(faultsIn(settings), []);
  const crossed = [
    [0, 0],
    [1, 1],
    [1, 0],
    [0, 1],
  ];
  const bad = {
    ...settings,
    motion: {
      ...settings.motion,
      sensitivity: 11,
      watch: [{ name: 'cổng', polygon: crossed, armed: ['25:00-26:00'] }],
    },
  };
  assert.equal(
    faultsIn(bad).map(({ key }) => key),
    ['motion.sensitivity', 'motion.watch[0].polygon', 'motion.watch[0].armed[0]'],
  );
});

test('what cannot be set from afar is named', () => {
  assert.equal(foreignTo({ title: 'a', uplink: {}, camera: { masks: [], width: 1 } }), ['uplink', 'camera.width']);
});

test('every field has words in both languages and bounds, and none is drawn', () => {
  const fields = fieldsOf();
  const keys = fields.map(({ key }) => key);
  for (const key of [
    'title',
    'motion.sensitivity',
    'motion.minSize',
    'tamper.enabled',
    'events.preRollMs',
    'vitalsEveryS',
  ])
    assert.ok(keys.includes(key), `${key} in ${keys}`);
  assert.not.match(keys.join(' '), /watch|ignore|masks|uplink|driver/);
  assert.ok(fields.every(({ vi, en }) => vi !== '' && en !== '' && vi !== en));
  const { min, max } = fields.find(({ key }) => key === 'motion.sensitivity') ?? {};
  assert.equal([min, max], [1, 10]);
});

test('changes are told one by one: zones by name, masks by number, a new shape as such', () => {
  const square = (size: number) => [
    [0, 0],
    [size, 0],
    [size, size],
  ];
  const zone = (name: string, size: number, level = 'event') => ({ name, polygon: square(size), level, armed: [] });
  const settings = settingsOf(rtsp);
  const from = { ...settings, motion: { ...settings.motion, watch: [zone('cổng', 0.5), zone('sân', 0.4)] } };
  const to = {
    ...from,
    motion: { ...from.motion, sensitivity: 7, watch: [zone('cổng', 0.6, 'alarm'), zone('ngõ', 0.3)] },
    camera: { ...from.camera, masks: [square(0.2)] },
  };
  assert.equal(
    changesOf(from, to as never, 'vi').map(({ label, from: one, to: other }) => [label, one, other]),
    [
      ['Độ nhạy', '5', '7'],
      ['Vùng phát hiện “cổng”', '3 góc · chỉ ghi nhận', '3 góc · báo động (hình mới)'],
      ['Vùng phát hiện “sân”', '3 góc · chỉ ghi nhận', null],
      ['Vùng phát hiện “ngõ”', null, '3 góc · chỉ ghi nhận'],
      ['Vùng che riêng tư 1', null, '3 góc'],
    ],
  );
  assert.equal(changesOf(from, from, 'en'), []);
});

test.run();
