// What stands where at a moment: visitors of the traffic become figures with limbs, wheels and lights.
import type { Cast } from './act.ts';
import { ruledCast } from './cast.ts';
import type { CastChoice } from './cast-rules.ts';
import type { Figure } from './figure.ts';
import { headlight, motorbike, motorbikeLook } from './figure-motorbike.ts';
import { person, personLook } from './figure-person.ts';
import { truck, truckLights, truckLook } from './figure-truck.ts';
import type { Layout } from './layout.ts';
import type { TimeOfDay } from './light.ts';
import { createTraffic, type Visitor } from './traffic.ts';

export function castOf(choice: CastChoice, layout: Layout, time: TimeOfDay): Cast {
  if (choice === 'none') return () => [];
  return choice === 'traffic' ? trafficCast(layout, time) : ruledCast(layout, time, choice);
}

function trafficCast(layout: Layout, time: TimeOfDay): Cast {
  const traffic = createTraffic(layout);
  return (second) => traffic.at(second).map((visitor) => figureOf(visitor, second, time === 'night'));
}

/** Two steps of someone walking, metres. */
const strideM = 1.35;

function figureOf(visitor: Visitor, second: number, night: boolean): Figure {
  const { id, route, seed, speedMs } = visitor;
  const metres = (second - visitor.fromS) * speedMs;
  const { x, y, headingRad, turning } = route.at(metres);
  const stance = { x, y, headingRad, leanRad: 0 };
  const at = [x, y] as const;
  switch (visitor.class) {
    case 'person': {
      const solids = person(stance, (metres / strideM) * Math.PI * 2, personLook(seed));
      return { id, class: 'person', at, solids, glows: [], beams: [] };
    }
    case 'motorbike': {
      // Leans into the bend, as far as the speed asks.
      const leaning = { ...stance, leanRad: Math.max(-0.35, Math.min(0.35, (-turning * speedMs ** 2) / 11)) };
      return {
        id,
        class: 'motorbike',
        at,
        solids: motorbike(leaning, metres, motorbikeLook(seed)),
        ...headlight(stance, night),
      };
    }
    case 'truck':
      return { id, class: 'truck', at, solids: truck(stance, metres, truckLook(seed)), ...truckLights(stance, night) };
  }
}
