import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { scoreFilm } from '../../cli/bench/motion-film-score.ts';
import { createTruthBook, type Span, score, type Visit } from '../../cli/bench/motion-score.ts';
import { createSpanLog } from '../../cli/bench/motion-spans.ts';

const visit = (id: number, startS: number, endS: number, told: Partial<Visit> = {}): Visit => {
  return { id, class: 'person', startS, endS, seenS: endS - startS, size: 0.02, ...told };
};
const span = (startS: number, endS: number, ...touched: number[]): Span => ({
  startS,
  endS,
  touched: new Set(touched),
});
const blind = (startS: number, endS: number): Span => ({ startS, endS, touched: undefined });

test('a visit is caught by an event that touches it while it is there, and not by one elsewhere in the picture', () => {
  assert.equal(score([visit(1, 10, 15)], [span(11, 14, 1)]).large, { caught: 1, of: 1 });
  const elsewhere = score([visit(1, 10, 15)], [span(11, 14)]);
  assert.equal(elsewhere.large, { caught: 0, of: 1 });
  assert.is(elsewhere.falseEvents, 1);
});

test('a detector that names no places is judged by time alone, within the tolerance', () => {
  assert.equal(score([visit(1, 10, 15)], [blind(15.5, 17)]).large, { caught: 1, of: 1 });
  assert.equal(score([visit(1, 10, 15)], [blind(15.7, 17)]).large, { caught: 0, of: 1 });
});

test('small, tiny and brief visits are not asked for among the large, but an event on them is not false', () => {
  const visits = [visit(1, 0, 5, { size: 0.01 }), visit(2, 10, 15, { size: 0.001 }), visit(3, 20, 25, { seenS: 0.8 })];
  const counted = score(visits, [span(1, 2, 1), span(11, 12, 2), span(21, 22, 3)]);
  assert.equal([counted.large, counted.small, counted.falseEvents], [{ caught: 0, of: 0 }, { caught: 1, of: 1 }, 0]);
});

test('an event on an animal alone is told apart from a subject and from nothing', () => {
  const visits = [visit(1, 0, 5, { class: 'dog' }), visit(2, 4, 9)];
  const counted = score(visits, [span(1, 2, 1), span(4, 8, 1, 2)]);
  assert.equal([counted.animalEvents, counted.falseEvents, counted.large.of], [1, 0, 1]);
});

test('an event that goes on for more than ten seconds after its visit counts as false once more', () => {
  assert.is(score([visit(1, 10, 15)], [span(10, 25, 1)]).falseEvents, 0);
  assert.equal(score([visit(1, 10, 15)], [span(10, 25.1, 1)]).falseAtS, [15]);
});

test('false events and caught visits never exceed what there is, whatever is seen', () => {
  const time = fc.double({ min: 0, max: 1000, noNaN: true });
  const pair = fc.tuple(time, time).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 8 }), fc.array(pair, { maxLength: 8 }), (visits, spans) => {
      const known = visits.map(([from, to], id) => visit(id, from, to));
      const found = score(
        known,
        spans.map(([from, to]) => blind(from, to)),
      );
      assert.ok(found.large.caught <= found.large.of && found.large.of <= known.length);
      // More events never catch less.
      assert.is(score(known, [blind(0, 1000)]).large.caught, found.large.of);
      if (spans.length === 0) assert.is(found.falseEvents, 0);
    }),
    { seed: 20 },
  );
});

test('truth gathers a visit from the pictures in which something of it is seen', () => {
  const book = createTruthBook(5, 160, 90);
  const at = (x: number, visible: number) => ({
    id: 7,
    class: 'car',
    x,
    y: 40,
    w: 12,
    h: 20,
    visible,
    touched: { x, y: 40, w: 30, h: 25 },
  });
  book.see(10, [at(0, 0)]);
  for (let frame = 11; frame <= 20; frame++) book.see(frame, [at(frame, 1)]);
  assert.equal(book.visits(), [{ id: 7, class: 'car', startS: 2.2, endS: 4.2, seenS: 2, size: 240 / 8100 }]);
});

test('a box touches an object when it meets what the object changes, its shadow too', () => {
  const book = createTruthBook(5, 160, 90);
  const object = {
    id: 1,
    class: 'car',
    x: 20,
    y: 20,
    w: 10,
    h: 10,
    visible: 1,
    touched: { x: 20, y: 20, w: 40, h: 10 },
  };
  const boxAt = (x: number) => [{ x: x / 160, y: 22 / 90, w: 4 / 160, h: 4 / 90 }];
  assert.equal(book.touchedBy(boxAt(58), [object]), [1]);
  assert.equal(book.touchedBy(boxAt(66), [object]), [1]);
  assert.equal(book.touchedBy(boxAt(67), [object]), []);
  assert.equal(book.touchedBy(boxAt(58), [{ ...object, visible: 0 }]), []);
});

test('sightings become events by the rules of the node, each with whom it touched', () => {
  const log = createSpanLog();
  for (let n = 0; n < 50; n++) {
    const monoMs = n * 200;
    const moving = (n >= 5 && n < 10) || (n >= 30 && n < 35);
    log.see({ monoMs, moving, sinceMonoMs: monoMs, share: 0.1, boxes: [] }, moving ? [n < 20 ? 1 : 2] : undefined);
  }
  const spans = log.end(10_000);
  assert.equal(spans, [span(1, 1.8, 1), span(6, 6.8, 2)]);
});

const noted = {
  file: 'a.mp4',
  toleranceS: 1.5,
  continuous: false,
  events: [
    { startS: 10, endS: 20 },
    { startS: 22, endS: 30 },
  ],
};

test('two noted events under one event are caught, but not separate', () => {
  const merged = scoreFilm(noted, [blind(10, 30)]);
  assert.equal([merged.caught, merged.separate, merged.edges, merged.falseEvents], [2, 1, 0, 0]);
});

test('an event each is separate, and its edges count only within the tolerance', () => {
  const good = scoreFilm(noted, [blind(9, 21.5), blind(24, 30)]);
  assert.equal([good.caught, good.separate, good.torn, good.edges, good.falseEvents], [2, 2, 0, 1, 0]);
});

test('a torn event is told, and one far from all is false', () => {
  const torn = scoreFilm(noted, [blind(10, 13), blind(16, 20), blind(22, 30), blind(40, 41)]);
  assert.equal([torn.separate, torn.torn, torn.falseEvents, torn.edges], [2, 1, 1, 2]);
});

test('a continuous presence is judged by its longest gap, at the ends too', () => {
  const film = { ...noted, continuous: true, events: [{ startS: 0, endS: 60 }] };
  assert.is(scoreFilm(film, [blind(2, 20), blind(23, 57)]).longestGapS, 3);
  assert.is(scoreFilm(film, [blind(2, 20), blind(23, 50)]).longestGapS, 10);
  assert.is(scoreFilm(film, []).longestGapS, 60);
});

test.run();
