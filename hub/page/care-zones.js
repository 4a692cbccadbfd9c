// Zones and privacy masks, drawn on a fresh still with mouse or keyboard.
import { draftOf, edit, Review } from './care-draft.js';
import { html } from './html.js';
import { change, post, state } from './state.js';
import { Still } from './wall.js';

const kinds = {
  watch: { list: (settings) => settings.motion.watch },
  ignore: { list: (settings) => settings.motion.ignore },
  mask: { list: (settings) => settings.camera.masks },
};
const cornersOf = (kind, shape) => (kind === 'mask' ? shape : shape.polygon);
const places = { watch: [0.15, 0.55, 0.85, 0.9], ignore: [0.1, 0.1, 0.35, 0.35], mask: [0.55, 0.15, 0.75, 0.4] };
const cornersMax = 32;
const hand = { at: undefined };

export function Zones({ node, care, say }) {
  const words = say.care;
  const settings = draftOf(care);
  if (care.told === undefined) return html`<p class="empty" role="status">…</p>`;
  if (settings === undefined) return html`<p class="empty">${words.notToldSettings}</p>`;
  const shapes = Object.keys(kinds).flatMap((kind) =>
    kinds[kind].list(settings).map((shape, index) => ({ kind, index, shape, name: nameOf(kind, index, shape, words) })),
  );
  return html`
    <div class="zones">
      <div>
        <${Board} node=${node} settings=${settings} shapes=${shapes} care=${care} say=${say} />
        <p class="quiet">${words.zoneKeys}</p>
      </div>
      <div class="zone-list">
        <div class="adds">
          <button type="button" class="plain" onClick=${() => add('watch', words)}><i class="swatch watch"></i>${words.addWatch}</button>
          <button type="button" class="plain" onClick=${() => add('ignore', words)}><i class="swatch ignore"></i>${words.addIgnore}</button>
          <button type="button" class="plain" onClick=${() => add('mask', words)}><i class="swatch mask"></i>${words.addMask}</button>
        </div>
        ${settings.motion.watch.length === 0 && html`<p class="quiet">${words.watchAll}</p>`}
        ${shapes.map((each) => html`<${Row} key=${`${each.kind} ${each.index}`} ...${each} say=${say} />`)}
        ${settings.camera.masks.length > 0 && html`<p class="mask-why"><strong>${words.mask}.</strong> ${words.maskWhy} ${words.maskFrom}</p>`}
      </div>
    </div>
    <${Review} node=${node} care=${care} say=${say} />
  `;
}

const nameOf = (kind, index, shape, words) => (kind === 'mask' ? `${words.mask} ${index + 1}` : shape.name);

function Board({ node, settings, shapes, care, say }) {
  const words = say.care;
  const { width, height } = settings.camera;
  const tall = (1000 * height) / width;
  return html`
    <div class="board-acts">
      <button type="button" class="plain" disabled=${care.stilling === true} onClick=${() => takeStill(node)}>${words.still}</button>
      <p role="status">${care.stilling ? words.stillAsked : care.stillFailed ? words.stillFailed : ''}</p>
    </div>
    <div class="board picture">
      ${node.still === null ? html`<p class="no-picture">${words.noStill}</p>` : html`<${Still} node=${node} say=${say} />`}
      <svg viewBox=${`0 0 1000 ${tall}`} onPointerMove=${move} onPointerUp=${drop} onPointerCancel=${drop}>
        <defs><pattern id="hatch" width="14" height="14" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="14" height="14" fill="#141a19" fill-opacity="0.88" /><rect width="3" height="14" fill="#f3b13a" fill-opacity="0.9" /></pattern></defs>
        ${shapes.map((each) => html`<${Shape} key=${`${each.kind} ${each.index}`} ...${each} tall=${tall} say=${say} />`)}
      </svg>
    </div>
  `;
}

/** Each corner is a stop of the Tab key; between two corners of the shape in hand stands a plus. */
function Shape({ kind, index, shape, name, tall, say }) {
  const corners = cornersOf(kind, shape).map(([x, y]) => [x * 1000, y * tall]);
  const [labelX, labelY] = corners.reduce(
    ([x, y], [cx, cy]) => [x + cx / corners.length, y + cy / corners.length],
    [0, 0],
  );
  const grab = (corner) => (pressed) => {
    pressed.preventDefault();
    pressed.currentTarget.focus?.();
    const svg = pressed.currentTarget.ownerSVGElement;
    svg.setPointerCapture(pressed.pointerId);
    hand.at = { kind, index, corner, from: partOf(pressed, svg), corners: structuredClone(cornersOf(kind, shape)) };
  };
  return html`
    <g class=${`shape ${kind}`}>
      <polygon points=${corners.map((corner) => corner.join(',')).join(' ')} onPointerDown=${grab('all')} />
      <text x=${labelX} y=${labelY} aria-hidden="true">${name}</text>
      ${
        corners.length < cornersMax &&
        corners.map(([x, y], at) => {
          const [nextX, nextY] = corners[(at + 1) % corners.length];
          return html`<g key=${`plus ${at}`} class="plus" aria-hidden="true" onPointerDown=${(pressed) => {
            pressed.preventDefault();
            insert(kind, index, at);
          }}><circle cx=${(x + nextX) / 2} cy=${(y + nextY) / 2} r="9" /><path d=${`M${(x + nextX) / 2 - 5} ${(y + nextY) / 2}h10m-5-5v10`} /></g>`;
        })
      }
      ${corners.map(([x, y], at) => html`<circle key=${at} class="corner" cx=${x} cy=${y} r="9" tabindex="0" role="button" aria-label=${say.care.corner(at + 1, name)} data-corner=${`${kind} ${index} ${at}`} onPointerDown=${grab(at)} onKeyDown=${(pressed) => keyOnCorner(pressed, kind, index, at)} />`)}
    </g>
  `;
}

function Row({ kind, index, shape, name, say }) {
  const words = say.care;
  const put = (key, value) => edit((draft) => Object.assign(kinds[kind].list(draft)[index], { [key]: value }));
  const remove = html`<button type="button" class="plain" onClick=${() => edit((draft) => kinds[kind].list(draft).splice(index, 1))} aria-label=${`${words.remove} ${name}`}>${words.remove}</button>`;
  if (kind === 'mask')
    return html`<div class="zone-row"><i class="swatch mask"></i><strong>${name}</strong>${remove}</div>`;
  return html`
    <div class="zone-row">
      <i class=${`swatch ${kind}`}></i><strong>${words[kind]}</strong>${remove}
      <label class="field"><span>${words.name}</span><input value=${shape.name} maxlength="60" onChange=${(changed) => put('name', changed.target.value.trim())} /></label>
      ${
        kind === 'watch' &&
        html`
        <label class="field"><span>${words.zoneLevel}</span><select value=${shape.level} onChange=${(changed) => put('level', changed.target.value)}>${['event', 'alarm'].map((level) => html`<option key=${level} value=${level}>${words.levels[level]}</option>`)}</select></label>
        <label class="field wide"><span>${words.armed}</span><input value=${shape.armed.join(', ')} title=${words.armedHint} placeholder="22:00-05:00" onChange=${(changed) => put('armed', hoursIn(changed.target.value))} /><small>${words.armedHint}</small></label>
      `
      }
    </div>
  `;
}

/** `T2-T6, CN 22:00-05:00` has a comma within: a window ends with its hours. What is no window is passed on, for the hub to say so. */
function hoursIn(text) {
  const windows = text.match(/[^:]*?\d{1,2}:\d\d\s*[-–]\s*\d{1,2}:\d\d/g) ?? [];
  const rest = text.slice(windows.join('').length).replaceAll(/[\s,]/g, '');
  if (rest !== '') return [text];
  return windows.map((each) => each.replace(/^[\s,]+/, ''));
}

function add(kind, words) {
  const settings = draftOf(state.care);
  const list = kinds[kind].list(settings);
  // Each kind where it is mostly wanted, each next one a little beside the one before.
  const [left, top, right, bottom] = places[kind];
  const off = (list.length % 5) * 0.03;
  const corners = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ].map(([x, y]) => [tidy(x + off), tidy(y + off)]);
  const taken = new Set(list.map(({ name }) => name));
  const free = Array.from({ length: 20 }, (_, n) => words.newName(n + 1)).find((name) => !taken.has(name));
  const fresh = {
    mask: corners,
    watch: { name: free, polygon: corners, level: 'event', armed: [] },
    ignore: { name: free, polygon: corners },
  }[kind];
  edit((draft) => kinds[kind].list(draft).push(fresh));
  focusCorner(kind, list.length, 0);
}

const tidy = (part) => Math.round(Math.min(1, Math.max(0, part)) * 1000) / 1000;
const partOf = (pointer, svg) => {
  const { left, top, width, height } = svg.getBoundingClientRect();
  return [(pointer.clientX - left) / width, (pointer.clientY - top) / height];
};
const setCorners = (kind, index, corners) =>
  edit((draft) => {
    const list = kinds[kind].list(draft);
    if (kind === 'mask') list[index] = corners;
    else list[index].polygon = corners;
  });

function move(moved) {
  if (hand.at === undefined) return;
  const { kind, index, corner, from, corners } = hand.at;
  const [x, y] = partOf(moved, moved.currentTarget);
  if (corner !== 'all')
    return setCorners(
      kind,
      index,
      corners.map((each, at) => (at === corner ? [tidy(x), tidy(y)] : each)),
    );
  setCorners(kind, index, shifted(corners, x - from[0], y - from[1]));
}
const drop = () => {
  hand.at = undefined;
};

/** As a whole, never over the picture's edge: its shape stays. */
function shifted(corners, dx, dy) {
  const within = (d, parts) => Math.min(1 - Math.max(...parts), Math.max(-Math.min(...parts), d));
  const [x, y] = [
    within(
      dx,
      corners.map((each) => each[0]),
    ),
    within(
      dy,
      corners.map((each) => each[1]),
    ),
  ];
  return corners.map((each) => [tidy(each[0] + x), tidy(each[1] + y)]);
}

function insert(kind, index, after) {
  const corners = cornersOf(kind, kinds[kind].list(draftOf(state.care))[index]);
  if (corners.length >= cornersMax) return;
  const [[x, y], [nextX, nextY]] = [corners[after], corners[(after + 1) % corners.length]];
  setCorners(kind, index, corners.toSpliced(after + 1, 0, [tidy((x + nextX) / 2), tidy((y + nextY) / 2)]));
  focusCorner(kind, index, after + 1);
}

const focusCorner = (kind, index, corner) =>
  requestAnimationFrame(() =>
    requestAnimationFrame(() => document.querySelector(`[data-corner="${kind} ${index} ${corner}"]`)?.focus()),
  );

function keyOnCorner(pressed, kind, index, at) {
  const corners = cornersOf(kind, kinds[kind].list(draftOf(state.care))[index]);
  const step = pressed.shiftKey ? 0.05 : 0.005;
  const way = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[pressed.key];
  if (way !== undefined) {
    pressed.preventDefault();
    const put = ([x, y]) => [tidy(x + way[0]), tidy(y + way[1])];
    return setCorners(
      kind,
      index,
      corners.map((each, corner) => (corner === at ? put(each) : each)),
    );
  }
  if (pressed.key === '+' || pressed.key === '=') return insert(kind, index, at);
  if (pressed.key === 'Delete' && corners.length > 3) {
    setCorners(kind, index, corners.toSpliced(at, 1));
    focusCorner(kind, index, Math.max(0, at - 1));
  }
}

const stillMsMax = 20_000;

/** Asked of the node; it is here when the list of nodes names another one. */
async function takeStill(node) {
  const before = node.still?.url;
  change({ care: { ...state.care, stilling: true, stillFailed: false } });
  const isAsked = await post(`/api/care/${node.node}/still`).then(
    () => true,
    () => false,
  );
  const isNew = () => state.nodes.find((each) => each.node === node.node)?.still?.url !== before;
  for (const until = Date.now() + stillMsMax; isAsked && !isNew() && Date.now() < until; )
    await new Promise((resolve) => setTimeout(resolve, 200));
  if (state.care?.node === node.node) change({ care: { ...state.care, stilling: false, stillFailed: !isNew() } });
}
