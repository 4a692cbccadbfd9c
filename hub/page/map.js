// The commune's plan with its points: a state is a shape and a colour. Whoever cares for the nodes brings the plan and drags the points.
import { h, render } from '/lib/preact.js';
import { html } from './html.js';
import { Mark } from './icons.js';
import { LivePicture, startLive } from './live.js';
import { can, change, post, state } from './state.js';
import { Still, stateWords } from './wall.js';
import { faultWords, words } from './words.js';

/** Leaflet's own things, which live outside the drawn state: they outlast a redraw and end with the view. */
const chart = {
  root: undefined,
  map: undefined,
  size: undefined,
  markers: new Map(),
  moved: new Map(),
  mark: undefined,
};
/** Parts of the plan that an arrow key moves a point by. */
const nudge = 0.005;
const restMs = 400;
/** With more points than this only the first part of each name is told: “Mắt 07” of “Mắt 07 · Cầu Đá”. */
const longNames = 10;
/** An alarm is never under its neighbours. */
const heights = { alarm: 1000, chosen: 2000 };

export function Plan({ say }) {
  const { planMark } = state;
  if (planMark && planMark !== chart.mark) void openPlan(planMark);
  const { plan = {} } = state;
  const chosen = state.nodes.find(({ node }) => node === plan.node);
  const loose = state.nodes.filter(({ node }) => !isPlaced(pointOf(node)));
  placeMarkers(plan);
  return html`
    <section class="plan">
      ${can('care') && html`<${Tools} say=${say} plan=${plan} loose=${loose} />`}
      ${planMark === null && html`<p class="empty">${can('care') ? say.noPlanCare : say.noPlan}</p>`}
      <div class=${`chart ${planMark ? '' : 'hidden'}`} ref=${hold} aria-label=${say.nav.map}></div>
      <ul class="legend">${['alarm', 'fault', 'online', 'offline', 'stopped', 'unknown'].map((each) => html`<li key=${each}><${Mark} state=${each} />${say.marks[each]}</li>`)}</ul>
    </section>
    <aside class="stage">${chosen ? html`<${Point} node=${chosen} say=${say} />` : html`<p class="quiet">${say.choosePoint}</p>`}</aside>
    ${state.live && html`<${LivePicture} say=${say} />`}
  `;
}

function Tools({ say, plan, loose }) {
  const bring = async (picked) => {
    const [file] = picked.target.files;
    if (file === undefined) return;
    const headers = { 'content-type': file.type, 'x-csrf': state.me.csrf };
    const answer = await fetch('/api/plan', { method: 'POST', headers, body: file }).catch(() => undefined);
    change({ plan: { ...state.plan, told: answer?.ok ? say.saved : say.planRefused } });
  };
  return html`
    <div class="plan-tools">
      <label class="more">${say.bringPlan}<input class="unseen" type="file" accept="image/png,image/jpeg" onChange=${bring} /></label>
      ${state.planMark && html`<button type="button" class="more" aria-pressed=${String(plan.edits === true)} onClick=${() => change({ plan: { ...plan, edits: plan.edits !== true } })}>${plan.edits ? say.planDone : say.planEdit}</button>`}
      ${plan.edits && html`<span class="quiet">${say.planHow}</span>`}
      ${plan.edits && loose.map(({ node, title }) => html`<button key=${node} type="button" class="chip" onClick=${() => put(node, 0.5, 0.5)}>+ ${title}</button>`)}
      <span role="status">${plan.told ?? ''}</span>
    </div>
  `;
}

function Point({ node, say }) {
  const point = state.points[node.node] ?? {};
  return html`
    <div class="stage-head"><h2>${node.title}</h2></div>
    <button type="button" class="picture" onClick=${() => startLive(node.node)} aria-label=${`${node.title}: ${say.live}`}><${Still} node=${node} say=${say} /><span class="play" aria-hidden="true">▶ ${say.live}</span></button>
    <p class=${`state ${node.state}`}><${Mark} state=${markOf(node)} />${stateWords(node, say)}</p>
    ${node.faults.map((fault) => html`<p key=${fault.code} class="fault"><${Mark} state="fault" />${faultWords(fault, state.language)}</p>`)}
    <p class="guard">${[point.hamlet, point.contact].filter(Boolean).join(' · ') || say.noGuard}${point.phone && html` <a class="phone" href=${`tel:${point.phone.replaceAll(/[^0-9+]/g, '')}`}>☎ ${point.phone}</a>`}</p>
    ${can('watch') && html`<a class="more" href=${`#/find?node=${node.node}`}>${say.dayOf(node.title)}</a>`}
  `;
}

const isPlaced = (point) => point !== undefined && point.x !== null && point.y !== null;
function markOf({ node, state: how, faults }) {
  if (state.queue.some((row) => row.node === node && row.level === 'alarm')) return 'alarm';
  return how === 'online' && faults.length > 0 ? 'fault' : how;
}

const hold = (root) => {
  if (root === chart.root) return;
  chart.map?.remove();
  Object.assign(chart, { root: root ?? undefined, map: undefined, markers: new Map() });
  if (root === null) Object.assign(chart, { mark: undefined, size: undefined });
  else drawMap();
};

async function openPlan(mark) {
  chart.mark = mark;
  const url = `/api/plan?v=${mark.slice(0, 16)}`;
  const picture = new Image();
  picture.src = url;
  try {
    await Promise.all([picture.decode(), import('/lib/leaflet.js')]);
  } catch {
    return change({ plan: { ...state.plan, told: '✕' } });
  }
  chart.map?.remove();
  Object.assign(chart, { map: undefined, markers: new Map() });
  chart.size = { width: picture.naturalWidth, height: picture.naturalHeight, url };
  // When the frame has its size.
  requestAnimationFrame(() => requestAnimationFrame(drawMap));
}

/** The plan's own pixels are the ground; nothing of it is fetched from anywhere. */
function drawMap() {
  const { L } = globalThis;
  const { root, size } = chart;
  if (L === undefined || root === undefined || size === undefined || chart.map !== undefined) return;
  const bounds = L.latLngBounds([0, 0], [size.height, size.width]);
  const map = L.map(root, { crs: L.CRS.Simple, attributionControl: false, zoomSnap: 0.25, minZoom: -4, maxZoom: 2 });
  L.imageOverlay(size.url, bounds).addTo(map);
  map.fitBounds(bounds);
  map.setMaxBounds(bounds.pad(0.2));
  chart.map = map;
  placeMarkers(state.plan ?? {});
}

const latLngOf = ({ x, y }) => [chart.size.height * (1 - y), chart.size.width * x];

function placeMarkers({ edits, node: chosen }) {
  if (chart.map === undefined) return;
  for (const node of state.nodes) {
    const point = pointOf(node.node);
    const known = chart.markers.get(node.node);
    if (!isPlaced(point)) {
      known?.marker.remove();
      chart.markers.delete(node.node);
      continue;
    }
    const entry = known ?? addMarker(node.node, point);
    if (!entry.isHeld) entry.marker.setLatLng(latLngOf(point));
    if (edits) entry.marker.dragging.enable();
    else entry.marker.dragging.disable();
    const how = markOf(node);
    const isChosen = node.node === chosen;
    const [name, ...rest] = node.title.split(' · ');
    const isShort = !isChosen && rest.length > 0 && state.nodes.length > longNames;
    const looks = ['pin', how, isChosen && 'chosen', isShort ? 'short' : point.x > 0.8 && 'left'];
    entry.face.className = looks.filter(Boolean).join(' ');
    entry.marker.setZIndexOffset(heights[isChosen ? 'chosen' : how] ?? 0);
    const tail = rest.length > 0 && h('i', null, ` · ${rest.join(' · ')}`);
    render(h('span', null, h(Mark, { state: how }), h('b', null, name, tail)), entry.face);
    entry.marker.getElement()?.setAttribute('aria-label', node.title);
  }
}

function addMarker(node, point) {
  const { L } = globalThis;
  const face = document.createElement('div');
  const icon = L.divIcon({ html: face, className: 'pin-place', iconSize: null });
  const marker = L.marker(latLngOf(point), { icon, keyboard: true, draggable: true, riseOnHover: true }).addTo(
    chart.map,
  );
  const entry = { marker, face, isHeld: false };
  chart.markers.set(node, entry);
  marker.on('click', () => change({ plan: { ...state.plan, node } }));
  marker.on('dragstart', () => {
    entry.isHeld = true;
  });
  marker.on('dragend', () => {
    const { lat, lng } = marker.getLatLng();
    entry.isHeld = false;
    put(node, lng / chart.size.width, 1 - lat / chart.size.height);
  });
  marker.getElement()?.addEventListener('keydown', (pressed) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[pressed.key];
    if (way === undefined || state.plan?.edits !== true) return;
    pressed.preventDefault();
    pressed.stopPropagation();
    const { x, y } = pointOf(node);
    put(node, x + way[0] * nudge, y + way[1] * nudge);
  });
  return entry;
}

/** Where it is, or is being moved to: what the hub says meanwhile may be older. */
const pointOf = (node) => chart.moved.get(node)?.point ?? state.points[node];

const within = (part) => Math.min(1, Math.max(0, part));
/** Saved when the hand has rested. */
function put(node, x, y) {
  const point = { hamlet: '', contact: '', phone: '', ...pointOf(node), x: within(x), y: within(y) };
  clearTimeout(chart.moved.get(node)?.timer);
  chart.moved.set(node, { point, timer: setTimeout(() => void save(node, point), restMs) });
  change({ plan: { ...state.plan, node, told: undefined } });
}

async function save(node, point) {
  const told = await post(`/api/points/${node}`, point).then(
    () => undefined,
    () => words[state.language].notSaved,
  );
  if (chart.moved.get(node)?.point !== point) return;
  chart.moved.delete(node);
  const points = told === undefined ? { ...state.points, [node]: point } : state.points;
  change({ points, plan: { ...state.plan, told } });
}
