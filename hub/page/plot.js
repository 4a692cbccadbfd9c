// One figure over time. The library is fetched when the first plot is shown: a desk that looks at alarms never loads it.
import { html } from './html.js';
import { draw } from './state.js';
import { dateOf, shortTime } from './time.js';

const lib = { uPlot: undefined, asked: false };

async function loadLib() {
  if (lib.asked) return;
  lib.asked = true;
  lib.uPlot = (await import('/lib/uplot.js')).default;
  draw();
}

export function Plot({ name, atMs, values, fromMs, toMs, say }) {
  const known = values.filter((value) => value !== null);
  const one = (n) => n.toLocaleString(say.language, { maximumFractionDigits: n < 100 ? 1 : 0 });
  const label =
    known.length === 0
      ? name
      : say.care.plotNow(name, one(Math.min(...known)), one(Math.max(...known)), one(known.at(-1)));
  void loadLib();
  return html`
    <figure class="plot">
      <figcaption><strong>${name}</strong>${known.length > 0 && html`<span class="num">${one(known.at(-1))}</span>`}</figcaption>
      <div role="img" aria-label=${label} ref=${(element) => element && show(element, { atMs, values, fromMs, toMs, one })}></div>
    </figure>
  `;
}

const shown = new WeakMap();
const height = 150;

/** Made once an element, given other figures afterwards. */
function show(element, told) {
  if (lib.uPlot === undefined) return;
  const width = Math.max(200, element.clientWidth);
  const before = shown.get(element);
  if (before === undefined) return void shown.set(element, make(element, told, width));
  if (before.width !== width) before.plot.setSize({ width, height });
  const isSame = before.told.toMs === told.toMs && before.told.values.length === told.values.length;
  Object.assign(before, { told, width });
  if (!isSame) before.plot.setData(dataOf(told));
}

const dataOf = ({ atMs, values }) => [atMs.map((ms) => ms / 1000), values];

function make(element, told, width) {
  const at = { told, width, plot: undefined };
  const colour = (token) => getComputedStyle(document.documentElement).getPropertyValue(token).trim();
  const axis = {
    ...{ stroke: colour('--quiet'), font: '12px sans-serif' },
    ...{ grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } },
  };
  const timeWords = (s) =>
    at.told.toMs - at.told.fromMs > 2 * 86_400_000 ? dateOf(s * 1000).slice(0, 5) : shortTime(s * 1000);
  at.plot = new lib.uPlot(
    {
      ...{ width, height, legend: { show: false }, cursor: { drag: { x: false, y: false } } },
      scales: {
        x: { time: true, range: () => [at.told.fromMs / 1000, at.told.toMs / 1000] },
        y: { range: (_, least, most) => [Math.min(0, least ?? 0), Math.max(1, (most ?? 0) * 1.15)] },
      },
      axes: [
        { ...axis, values: (_, splits) => splits.map(timeWords), space: 70 },
        { ...axis, size: 52, values: (_, splits) => splits.map(told.one), space: 34 },
      ],
      series: [
        {},
        {
          stroke: colour('--accent'),
          width: 2,
          fill: `${colour('--accent')}22`,
          points: { show: false },
          spanGaps: false,
        },
      ],
    },
    dataOf(told),
    element,
  );
  return at;
}
