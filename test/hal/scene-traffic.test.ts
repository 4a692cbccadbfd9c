import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createLayout } from '../../hal/camera/scene/layout.ts';
import { createScene } from '../../hal/camera/scene/scene.ts';
import { createTraffic } from '../../hal/camera/scene/traffic.ts';

test('leaves quiet before the first visit and between visits, and no visit is long, whatever the seed', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 31 - 1 }), (seed) => {
      const traffic = createTraffic(createLayout(seed));
      const visits = traffic.until(600);
      for (const [index, { fromS, toS }] of visits.entries()) {
        const beforeS = visits[index - 1]?.toS;
        const quietS = fromS - (beforeS ?? 0);
        assert.ok(beforeS === undefined ? quietS >= 8 && quietS <= 10 : quietS >= 6 && quietS <= 20, `quiet ${quietS}`);
        assert.ok(toS - fromS >= 5 && toS - fromS <= 12, `visit ${toS - fromS}`);
        const here = traffic.at((fromS + toS) / 2);
        assert.ok(here.length >= 1 && here.length <= 2, `${here.length} at once`);
        assert.equal(traffic.at(toS + 0.05), []);
      }
    }),
    { numRuns: 200 },
  );
});

test('knows the same moment whichever moment was asked for before', () => {
  const asked = createTraffic(createLayout(11));
  asked.at(5000);
  const fresh = createTraffic(createLayout(11));
  for (const second of [9, 12.4, 700, 33, 5000]) {
    const ids = (traffic: typeof fresh) => traffic.at(second).map((one) => [one.id, one.class, one.seed, one.fromS]);
    assert.equal(ids(asked), ids(fresh));
  }
});

test('brings people, motorbikes and trucks, each again and again', () => {
  const traffic = createTraffic(createLayout(2));
  const met = { person: 0, motorbike: 0, truck: 0 };
  for (const { fromS } of traffic.until(1800)) for (const one of traffic.at(fromS + 0.01)) met[one.class]++;
  assert.ok(met.person > 15 && met.motorbike > 15 && met.truck > 3, JSON.stringify(met));
});

test('shows in the picture what the timetable says: empty streets between, somebody within', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1e6 }), (seed) => {
      const fps = 5;
      const scene = createScene({ seed, time: 'day', width: 160, height: 90, fps });
      const grey = new Uint8Array(160 * 90);
      let emptyFor = 0;
      let busyFor = 0;
      let firstS: number | undefined;
      for (let n = 0; n < 90 * fps; n++) {
        const busy = scene.grey(n, 160, 90, grey).objects.some((one) => one.visible > 0.02);
        if (busy && firstS === undefined) firstS = n / fps;
        if (busy && busyFor === 0 && n > 0)
          assert.ok(emptyFor >= 6 * fps, `only ${emptyFor / fps} s empty before ${n / fps} s`);
        busyFor = busy ? busyFor + 1 : 0;
        emptyFor = busy ? 0 : emptyFor + 1;
        assert.ok(busyFor <= 12 * fps, `somebody for more than 12 s at ${n / fps} s`);
      }
      assert.ok(firstS !== undefined && firstS >= 8 && firstS <= 11, `first seen at ${firstS} s`);
    }),
    { numRuns: 12 },
  );
});

test.run();
