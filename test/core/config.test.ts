// A bad configuration: every fault at once, at its place, in words; and nothing that is written can make the reader throw.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDocument } from 'yaml';
import { faultLine, readNodeConfig } from '../../agent/core/config/read.ts';

const good = `commune: xa-mau
node: mat-07
title: Cổng làng
camera:
  driver: scene
  fps: 15
motion:
  watch:
    - name: cổng
      polygon: [[0.1, 0.5], [0.9, 0.5], [0.9, 1]]
`;

function faults(text: string | Uint8Array, language: 'vi' | 'en' = 'en'): string[] {
  const read = readNodeConfig(text, 'node.yaml');
  return read.ok ? [] : read.faults.map((fault) => faultLine(fault, language));
}
/** The good file with one line changed. */
const withLine = (line: string, other: string) => {
  assert.ok(good.includes(line));
  return good.replace(line, other);
};

test('hours that only touch, and a size for all or by distance, are taken', () => {
  const taken = [
    "armed: [22:00-05:00, 05:00-07:00, 'T2,T4 07:00-09:00']",
    'minSize: 0.1',
    'minSize: {near: 1, far: 0}',
  ];
  for (const line of taken) assert.equal(faults(`${good}      ${line}\n`), [], line);
});

test('a good file is read, with its defaults', () => {
  const read = readNodeConfig(good, 'node.yaml');
  assert.ok(read.ok);
  assert.is(read.config.camera.width, 1280);
  assert.is(read.config.events.clipMsMax, 60_000);
});

const table: [name: string, text: string, expected: string[]][] = [
  ['a number out of range', withLine('fps: 15', 'fps: 0'), ['node.yaml:6:8 camera.fps: must be 1 to 30, not 0']],
  [
    'a number that is none',
    withLine('fps: 15', 'fps: fast'),
    ['node.yaml:6:8 camera.fps: must be a whole number, 1 to 30, not "fast"'],
  ],
  [
    'a part of a number',
    withLine('fps: 15', 'fps: 7.5'),
    ['node.yaml:6:8 camera.fps: must be a whole number, 1 to 30, not 7.5'],
  ],
  [
    'a number off the grid',
    withLine('fps: 15', 'width: 650'),
    ['node.yaml:6:10 camera.width: must be 160 to 1920 in steps of 16, not 650'],
  ],
  [
    'a key with a slip of the pen',
    withLine('fps: 15', 'fsp: 15'),
    ['node.yaml:6:3 camera.fsp: unknown key; did you mean fps?'],
  ],
  [
    'a key of another driver',
    withLine('fps: 15', 'url: rtsp://a'),
    [
      'node.yaml:6:3 camera.url: unknown key; known here: driver, width, height, fps, bitrateKbps, caption, masks, seed, time',
    ],
  ],
  ['an unknown choice', `${good}clock: sun\n`, ['node.yaml:11:8 clock: must be one of auto, system, not "sun"']],
  [
    'an unknown driver',
    withLine('driver: scene', 'driver: webcam'),
    ['node.yaml:5:11 camera.driver: must be one of pi, v4l2, rtsp, stills, film, scene, not "webcam"'],
  ],
  [
    'a missing key',
    withLine('title: Cổng làng\n', ''),
    ['node.yaml:1:1 title: is required: text of 1 to 100 characters'],
  ],
  [
    'a name with capitals',
    withLine('node: mat-07', 'node: Mat 07'),
    [
      'node.yaml:2:7 node: must be 1 to 32 of a-z, 0-9 and -, beginning and ending with a letter or digit, not "Mat 07"',
    ],
  ],
  ['an empty group', `${good}events:\n`, ['node.yaml:11:8 events: must be a group of keys, not empty']],
  [
    'a zone of two corners',
    withLine(', [0.9, 1]]', ']'),
    ['node.yaml:10:16 motion.watch[0].polygon: must be a list of 3 to 32 entries, not a list of 2'],
  ],
  [
    'a corner outside the picture',
    withLine('[0.9, 1]', '[0.9, 1.5]'),
    ['node.yaml:10:47 motion.watch[0].polygon[2][1]: must be 0 to 1, not 1.5'],
  ],
  [
    'a zone whose sides cross',
    withLine('[[0.1, 0.5], [0.9, 0.5], [0.9, 1]]', '[[0, 0], [1, 1], [1, 0], [0, 1]]'),
    ['node.yaml:10:16 motion.watch[0].polygon: sides must not cut each other'],
  ],
  [
    'a zone on one line',
    withLine('[0.9, 1]', '[0.5, 0.5]'),
    ['node.yaml:10:16 motion.watch[0].polygon: must enclose an area (at least 0.001 of the picture)'],
  ],
  [
    'a clip too short for its rolls',
    `${good}events: {preRollMs: 30000, postRollMs: 30000}\n`,
    ['node.yaml:11:9 events.clipMsMax: must be more than preRollMs and postRollMs together'],
  ],
  [
    'an analysis larger than the picture, beside another fault',
    `${good.replace('fps: 15', 'width: 160\n  fsp: 3')}  width: 320\n`,
    [
      'node.yaml:7:3 camera.fsp: unknown key; did you mean fps?',
      'node.yaml:12:10 motion.width: must be at most camera.width, not 320',
    ],
  ],
  [
    'a picture slower than its analysis, by default',
    withLine('fps: 15', 'fps: 4'),
    ['node.yaml:8:3 motion.fps: must be at most camera.fps'],
  ],
  [
    'a pin used twice',
    `${good}pins: {inputs: [{pin: 17}], lampPin: 17}\n`,
    ['node.yaml:11:7 pins: every pin must be used once only'],
  ],
  [
    'a sensitivity beyond the scale',
    withLine('  watch:', '  sensitivity: 11\n  watch:'),
    ['node.yaml:8:16 motion.sensitivity: must be 1 to 10, not 11'],
  ],
  [
    'sizes that grow with distance',
    withLine('  watch:', '  minSize: {near: 0.001, far: 0.01}\n  watch:'),
    ['node.yaml:8:31 motion.minSize.far: must be at most near, not 0.01'],
  ],
  [
    'a size of neither kind',
    `${good}      minSize: small\n`,
    ['node.yaml:11:16 motion.watch[0].minSize: must be a number, 0 to 1; or a group of keys near, far, not "small"'],
  ],
  [
    'a size larger than the picture',
    `${good}      minSize: 2\n`,
    ['node.yaml:11:16 motion.watch[0].minSize: must be 0 to 1, not 2'],
  ],
  [
    'half a size, and a slip of the pen in the other half',
    `${good}      minSize: {near: 0.1, fra: 0.2}\n`,
    [
      'node.yaml:11:16 motion.watch[0].minSize.far: is required: a number, 0 to 1',
      'node.yaml:11:28 motion.watch[0].minSize.fra: unknown key; did you mean far?',
    ],
  ],
  [
    'hours that are none, mean nothing or overlap, in one list',
    `${good}      armed: [22:00-05:00, 25:00-26:00, CN 04:00-06:00, 07:00-07:00, 8]\n`,
    [
      'node.yaml:11:28 motion.watch[0].armed[1]: must be hours like 22:00-05:00, or T2-T6 22:00-05:00 on some days only (T2 is Monday, T7 Saturday, CN Sunday), not "25:00-26:00"',
      'node.yaml:11:41 motion.watch[0].armed[2]: must not overlap 22:00-05:00, not "CN 04:00-06:00"',
      'node.yaml:11:57 motion.watch[0].armed[3]: must begin and end at different times (00:00-24:00 is the whole day), not "07:00-07:00"',
      'node.yaml:11:70 motion.watch[0].armed[4]: must be text, not 8',
    ],
  ],
  ['a tab', withLine('  fps: 15', '\tfps: 15'), ['node.yaml:6:1 indentation must be spaces, not tabs']],
  ['a key twice', `${good}node: mat-08\n`, ['node.yaml:11:1 this key stands here twice']],
  [
    'an alias',
    withLine('title: Cổng làng', 'title: *node'),
    ['node.yaml:3:8 anchors and aliases (& and *) are not used here; write the value out'],
  ],
  ['a tag', withLine('Cổng làng', '!!js/function x'), ['node.yaml:3:8 tags (!…) are not used here']],
  ['a second document', `${good}---\na: 1\n`, ['node.yaml:11:1 only one document may stand in the file']],
  ['a list where keys belong', '- 1\n', ['node.yaml:1:1 must be a group of keys, not a list of 1']],
  ['an empty file', '', ['node.yaml:1:1 file must not be empty']],
  ['comments only', '# nothing\n', ['node.yaml:1:1 file must not be empty']],
  ['binary', 'a\0b', ['node.yaml:1:2 file must be text, not binary']],
];
for (const [name, text, expected] of table)
  test(`says what is wrong with ${name}`, () => assert.equal(faults(text), expected));

test('tells all faults at once, in the order of the file', () => {
  const text = 'commune: X\nnode: mat-07\ncamera: {driver: film, fps: 99, path: ""}\nclok: auto\n';
  assert.equal(
    faults(text).map((line) => line.split(' ')[0] + line.slice(line.indexOf(' '), line.indexOf(':', 16))),
    [
      'node.yaml:1:1 title',
      'node.yaml:1:10 commune',
      'node.yaml:3:29 camera.fps',
      'node.yaml:3:39 camera.path',
      'node.yaml:4:1 clok',
    ],
  );
});

test('refuses what is not UTF-8, at the place', () => {
  assert.equal(faults(new Uint8Array([0x61, 0x0a, 0x62, 0xff])), ['node.yaml:2:2 file must be UTF-8 text']);
});

test('takes 64 KiB and refuses one byte more', () => {
  const padded = (bytes: number) => {
    const text = new TextEncoder().encode(`${good}#`);
    const all = new Uint8Array(bytes).fill(0x78);
    all.set(text);
    return all;
  };
  assert.equal(faults(padded(65_536)), []);
  assert.equal(faults(padded(65_537)), ['node.yaml:1:1 file must be at most 64 KiB']);
});

test('never shows a password', () => {
  const text = withLine('driver: scene', 'driver: rtsp\n  url: http://admin:s3cret@p@10.0.0.9/1');
  const [line = ''] = faults(text);
  assert.is(line, 'node.yaml:6:8 camera.url: must begin with rtsp:// or rtsps://, not "http://***@10.0.0.9/1"');
});

test('says the same in Vietnamese', () => {
  assert.equal(faults(withLine('fps: 15', 'fps: 0'), 'vi'), [
    'node.yaml:6:8 camera.fps: phải từ 1 đến 30, không phải 0',
  ]);
  assert.equal(faults(withLine('fps: 15', 'fsp: 0'), 'vi'), ['node.yaml:6:3 camera.fsp: khóa lạ; có phải là fps?']);
});

test('no fault is left in English where Vietnamese is asked for', () => {
  for (const [name, text] of table)
    for (const line of faults(text, 'vi'))
      assert.not.match(line, /\b(must|is required|unknown|not used|stands|file|zones|every)\b/, name);
});

test('nesting, aliases and brackets without end are refused within five seconds of processor each, a fifth of that is usual', () => {
  const bombs = [
    '['.repeat(65_000),
    '{a: '.repeat(16_000),
    '- '.repeat(32_000),
    '? '.repeat(32_000),
    '&a '.repeat(20_000),
  ];
  bombs.push(`a: &a [x]\n${Array.from({ length: 20 }, (_, i) => `b${i}: [${'*a, '.repeat(100)}]`).join('\n')}`);
  bombs.push(Array.from({ length: 8000 }, (_, i) => `a${i}: 1`).join('\n'));
  for (const bomb of bombs) {
    const before = process.cpuUsage();
    assert.ok(faults(bomb).length > 0);
    // Of this process alone: others on the machine do not count.
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 5_000_000, bomb.slice(0, 10));
  }
});

test('a file of many faults tells at most fifty', () => {
  assert.is(faults(Array.from({ length: 500 }, (_, i) => `key${i}: 1`).join('\n')).length, 50);
});

/** Every fault stands inside the text. */
function holds(text: string): void {
  const read = readNodeConfig(text, 'node.yaml');
  if (read.ok) return;
  assert.ok(read.faults.length > 0);
  const lines = text.split('\n');
  for (const fault of read.faults) {
    const line = lines[fault.line - 1];
    assert.ok(
      line !== undefined && fault.col >= 1 && fault.col <= line.length + 1,
      `${fault.at} in ${JSON.stringify(text)}`,
    );
    assert.not.match(faultLine(fault), /\n|undefined|\[object/);
    assert.not.match(faultLine(fault, 'vi'), /\n|undefined|\[object/);
  }
}

test('arbitrary text never makes it throw (property)', () => {
  const yamlish = fc.string({
    unit: fc.constantFrom(...'ab:- \n\t#&*!|>\'"[]{},?%@`01.~<=\r\\é\u2028'),
    maxLength: 120,
  });
  fc.assert(fc.property(fc.oneof(yamlish, fc.string({ unit: 'binary' })), holds), { numRuns: 500 });
});

test('a valid file with anything in place of any value, key or run of characters never makes it throw (property)', () => {
  const anything = fc.oneof(
    fc.json(),
    fc.string(),
    fc.constantFrom('__proto__', 'null', '.inf', '1e400', '~', '{}', '[]', '- '),
  );
  const spans = [...good.matchAll(/[\p{L}\p{N}.-]+/gu)].map(
    (match) => [match.index, match.index + match[0].length] as const,
  );
  const span = fc.oneof(fc.constantFrom(...spans), fc.tuple(fc.nat(good.length), fc.nat(good.length)));
  fc.assert(
    fc.property(span, anything, ([from, to], text) => holds(good.slice(0, from) + text + good.slice(to))),
    { numRuns: 500 },
  );
});

test('any value at any place of the tree is taken or refused with a fault there (property)', () => {
  const paths = [
    ['camera'],
    ['camera', 'fps'],
    ['motion', 'watch', 0],
    ['motion', 'watch', 0, 'polygon'],
    ['motion', 'watch', 0, 'polygon', 1],
    ['motion', 'watch', 0, 'minSize'],
    ['motion', 'watch', 0, 'minSize', 'far'],
    ['motion', 'watch', 0, 'armed'],
    ['title'],
  ];
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
      const document = parseDocument(good);
      document.setIn(path, document.createNode(value));
      holds(document.toString());
    }),
    { numRuns: 300 },
  );
});

test.run();
