// Aiming a camera with a telephone in hand: live picture, a line that tells level and pixels per metre, a focus meter, a walk test.
import { lineLength, reach, sharpness, tilt } from './aim-math.js';
import { html } from './html.js';
import { playLive } from './live.js';
import { change, nowMs, state } from './state.js';
import { shortTime } from './time.js';

/** Whoever still looks is asked again after five minutes: each minute costs the node some megabytes. */
const roundsMax = 5;
const focusEveryMs = 200;
const size = { width: 160, height: 90 };
const running = { stop: undefined, line: undefined, canvas: undefined };

export function Aim({ node, care, say }) {
  const words = say.aim;
  const aim = state.aim?.node === node.node ? state.aim : startAim(node.node);
  const isOn = aim.is === 'on' || aim.is === 'asked';
  return html`
    <div class="aim">
      <div class="aim-picture">
        <div class="board picture">
          <video id="aim" autoplay muted playsinline aria-label=${node.title}></video>
          <${Line} aim=${aim} words=${words} />
          ${aim.is === 'asked' && html`<p role="status" class="on-picture">${say.liveWaiting}</p>`}
          ${aim.is === 'failed' && html`<p role="alert" class="on-picture">${say.liveFaults[aim.why] ?? say.liveFaults.failed}</p>`}
        </div>
        <div class="review-acts">
          <button type="button" class=${isOn ? 'plain' : 'primary'} onClick=${() => (isOn ? stopAim() : void look(node.node))}>${isOn ? words.stop : words.start}</button>
          <p class="quiet">${words.cost}</p>
        </div>
      </div>
      <div class="aim-tools">
        <${Focus} aim=${aim} words=${words} say=${say} />
        <${Walk} node=${node} aim=${aim} say=${say} />
        <${Metres} aim=${aim} care=${care} say=${say} />
      </div>
    </div>
  `;
}

function startAim(node) {
  stopAim();
  state.aim = {
    node,
    is: 'off',
    from: [0.3, 0.7],
    to: [0.7, 0.7],
    metres: 1.7,
    distance: 10,
    best: 0,
    focus: 0,
    walk: undefined,
  };
  return state.aim;
}
const put = (more) => change({ aim: { ...state.aim, ...more } });

export function stopAim() {
  running.stop?.abort();
  running.stop = undefined;
  if (state.aim !== undefined) put({ is: 'off' });
}

async function look(node) {
  running.stop?.abort();
  const stop = new AbortController();
  running.stop = stop;
  put({ is: 'asked', best: 0 });
  const meter = setInterval(measure, focusEveryMs);
  const gone = () => stop.signal.aborted || state.aim?.node !== node || document.getElementById('aim') === null;
  for (let round = 0; round < roundsMax && !gone(); round += 1) {
    const why = await playLive(
      node,
      () => document.getElementById('aim'),
      () => put({ is: 'on' }),
      stop.signal,
    );
    if (why === undefined) continue;
    if (!gone()) put({ is: 'failed', why });
    break;
  }
  clearInterval(meter);
  if (running.stop === stop && state.aim.is !== 'failed') put({ is: 'off' });
}

/** The middle of the picture, where the caption is not. */
function measure() {
  const video = document.getElementById('aim');
  // The page went elsewhere: the picture must not run on.
  if (video === null) return stopAim();
  if (video.readyState < 2) return;
  running.canvas ??= new OffscreenCanvas(size.width, size.height);
  const context = running.canvas.getContext('2d', { willReadFrequently: true });
  const { videoWidth, videoHeight } = video;
  context.drawImage(
    video,
    videoWidth / 4,
    videoHeight / 4,
    videoWidth / 2,
    videoHeight / 2,
    0,
    0,
    size.width,
    size.height,
  );
  const { data } = context.getImageData(0, 0, size.width, size.height);
  const grey = Float32Array.from(
    { length: size.width * size.height },
    (_, at) => (data[4 * at] + 2 * data[4 * at + 1] + data[4 * at + 2]) / 4,
  );
  const focus = sharpness(grey, size.width, size.height);
  put({ focus, best: Math.max(state.aim.best, focus), picture: { width: videoWidth, height: videoHeight } });
}

function Focus({ aim, words, say }) {
  const share = aim.best === 0 ? 0 : aim.focus / aim.best;
  const percent = Math.round(100 * share).toLocaleString(say.language);
  return html`
    <section class="tool">
      <h3>${words.focus}</h3>
      <p class="big num">${aim.best === 0 ? '—' : `${percent} %`}</p>
      <meter min="0" max="1" low="0.7" high="0.95" optimum="1" value=${share} aria-label=${words.focus}></meter>
      <p class="quiet">${words.focusHow}</p>
      <button type="button" class="plain" onClick=${() => put({ best: 0 })}>${words.again}</button>
    </section>
  `;
}

function Walk({ node, aim, say }) {
  const words = say.aim;
  const { walk } = aim;
  const begin = () => put({ walk: { sinceMs: nowMs(), ids: [] } });
  return html`
    <section class="tool">
      <h3>${words.walk}</h3>
      <p class="big num" role="status">${walk === undefined ? '—' : words.caught(walk.ids.length)}</p>
      ${walk?.lastMs !== undefined && html`<p>${words.lastCaught(shortTime(walk.lastMs), walk.zones.join(', '))}</p>`}
      <p class="quiet">${words.walkHow}</p>
      <button type="button" class="plain" onClick=${walk === undefined ? begin : () => put({ walk: undefined })}>${walk === undefined ? words.walkStart : words.walkStop}</button>
      ${node.state !== 'online' && html`<p class="bad">${say.care.offline}</p>`}
    </section>
  `;
}

/** The stream told of an event. */
export function walked({ node, id, trigger, atMs, zones }) {
  const { aim } = state;
  if (aim?.walk === undefined || aim.node !== node || trigger !== 'motion') return;
  const { walk } = aim;
  if (walk.ids.includes(id) || atMs < walk.sinceMs - 2000) return;
  navigator.vibrate?.(200);
  put({ walk: { ...walk, ids: [...walk.ids, id], lastMs: atMs, zones } });
}

const ends = ['from', 'to'];

/** Laid along what is known to be level, or of known length. */
function Line({ aim, words }) {
  const { from, to } = aim;
  const grab = (end) => (pressed) => {
    pressed.preventDefault();
    running.line = end;
    pressed.currentTarget.focus();
    pressed.currentTarget.ownerSVGElement.setPointerCapture(pressed.pointerId);
  };
  const move = (moved) => {
    if (running.line === undefined) return;
    const { left, top, width, height } = moved.currentTarget.getBoundingClientRect();
    setEnd(running.line, [(moved.clientX - left) / width, (moved.clientY - top) / height]);
  };
  const drop = () => {
    running.line = undefined;
  };
  const [x, y, toX, toY] = [from[0] * 1600, from[1] * 900, to[0] * 1600, to[1] * 900];
  return html`
    <svg viewBox="0 0 1600 900" preserveAspectRatio="none" onPointerMove=${move} onPointerUp=${drop} onPointerCancel=${drop}>
      <path class="thirds" d="M533 0v900M1067 0v900M0 300h1600M0 600h1600" />
      <line class="level" x1=${x} y1=${y} x2=${toX} y2=${toY} />
      ${ends.map((end) => html`<circle key=${end} class="corner" cx=${aim[end][0] * 1600} cy=${aim[end][1] * 900} r="22" tabindex="0" role="button" aria-label=${words.ends[end]} onPointerDown=${grab(end)} onKeyDown=${(pressed) => nudge(pressed, end)} />`)}
    </svg>
  `;
}

const within = (part) => Math.min(1, Math.max(0, part));
const setEnd = (end, [x, y]) => put({ [end]: [within(x), within(y)] });

function nudge(pressed, end) {
  const step = pressed.shiftKey ? 0.05 : 0.005;
  const way = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[pressed.key];
  if (way === undefined) return;
  pressed.preventDefault();
  const [x, y] = state.aim[end];
  setEnd(end, [x + way[0], y + way[1]]);
}

function Metres({ aim, care, say }) {
  const words = say.aim;
  const picture = aim.picture ?? care.told?.inForce?.settings.camera ?? { width: 1280, height: 720 };
  const pixels = lineLength(aim.from, aim.to, picture);
  const found = reach(pixels, aim.metres, aim.distance);
  const one = (n, digits = 1) => n.toLocaleString(say.language, { maximumFractionDigits: digits });
  const asNumber = (name) => (changed) => put({ [name]: Number(changed.target.value) });
  return html`
    <section class="tool wide">
      <h3>${words.line}</h3>
      <p>${words.tilt(one(Math.abs(tilt(aim.from, aim.to, picture))))}</p>
      <p class="quiet">${words.lineHow}</p>
      <div class="pair">
        <label class="field"><span>${words.metres}</span><input type="number" inputmode="decimal" min="0.1" step="0.1" value=${aim.metres} onChange=${asNumber('metres')} /></label>
        <label class="field"><span>${words.distance}</span><input type="number" inputmode="decimal" min="0.5" step="0.5" value=${aim.distance} onChange=${asNumber('distance')} /></label>
      </div>
      ${
        found !== undefined &&
        html`
        <p><strong class="num">${words.perMetre(one(found.perMetre, 0))}</strong></p>
        <table>
          <thead><tr><th scope="col">${words.task}</th><th scope="col">${words.needs}</th><th scope="col">${words.upTo}</th></tr></thead>
          <tbody>${found.tasks.map(({ task, perMetre, metres }) => html`<tr key=${task} class=${metres >= aim.distance ? 'met' : ''}><th scope="row">${words.tasks[task]}</th><td class="num">${one(perMetre)}</td><td class="num">${one(metres)} m ${metres >= aim.distance ? '✓' : ''}</td></tr>`)}</tbody>
        </table>
        <p class="quiet">${words.norm}</p>
      `
      }
    </section>
  `;
}
