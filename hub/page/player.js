// One event: its film in the page, box and reason drawn over it on request, frame by frame where it matters.
import { stepFrame, watchPictures } from './frame-step.js';
import { html } from './html.js';
import { change, state } from './state.js';
import { dateOf, span, timeOfDay } from './time.js';

const speeds = [0.25, 0.5, 1, 2, 4];

export function Player({ event, say }) {
  const part = event.clips[state.clip?.key === event.id ? state.clip.part : 0];
  const isPlayable = part !== undefined && part.here > 0;
  const failed = state.failed === part?.url;
  return html`
    <div class="player">
      <div class="screen">
        ${
          isPlayable
            ? html`<video key=${`${part.url} ${part.here}`} src=${part.url} controls autoplay muted playsinline preload="auto" aria-label=${event.title} onLoadedMetadata=${(
                loaded,
              ) => {
                loaded.target.playbackRate = state.speed ?? 1;
                watchPictures(loaded.target);
                goOn(loaded.target, part);
                noteShape(loaded.target.videoWidth, loaded.target.videoHeight);
              }} onTimeUpdate=${({ target }) => Object.assign(played, { url: part.url, here: part.here, atS: target.currentTime })} onError=${() => change({ failed: part.url })}></video>`
            : event.still === null
              ? html`<p>${say.noVideo}</p>`
              : html`<img src=${event.still} alt=${event.title} onLoad=${({ target }) => noteShape(target.naturalWidth, target.naturalHeight)} />`
        }
        ${state.boxes === true && html`<${Boxes} event=${event} />`}
        ${isPlayable && failed && html`<p class="failed" role="alert">${say.failed}</p>`}
      </div>
      <div class="tools">
        <span class="told"><strong>${say.triggers[event.trigger] ?? event.trigger}</strong> · <time>${timeOfDay(event.atMs)}</time> ${dateOf(event.atMs)} · ${timing(event, say)}</span>
        ${event.clips.length > 1 && event.clips.map((clip, index) => html`<button key=${clip.url} type="button" aria-pressed=${String(clip === part)} onClick=${() => change({ clip: { key: event.id, part: index } })}>${say.part(index + 1)}</button>`)}
        ${
          isPlayable &&
          html`
          <button type="button" title=${`${say.frameBack} (,)`} aria-label=${say.frameBack} onClick=${() => stepFrame(video(), -1)}>◂|</button>
          <button type="button" title=${`${say.frameOn} (.)`} aria-label=${say.frameOn} onClick=${() => stepFrame(video(), 1)}>|▸</button>
          <label class="speed"><span class="unseen">${say.speed}</span><select value=${state.speed ?? 1} onChange=${(picked) => setSpeed(Number(picked.target.value))}>${speeds.map((speed) => html`<option key=${speed} value=${speed}>${speed}×</option>`)}</select></label>
        `
        }
        <button type="button" aria-pressed=${String(state.boxes === true)} onClick=${toggleBoxes}>${say.boxes}</button>
      </div>
      <p class="reason">${[event.reason, event.zones.join(', '), videoWords(event, say)].filter(Boolean).join(' · ')}</p>
      ${event.ack && html`<p class="acked">${say.answered}: <strong>${say.outcomes[event.ack.outcome] ?? event.ack.outcome}</strong> · ${timeOfDay(event.ack.atMs)} · ${say.by(event.ack.actor.split(':').at(-1))}${event.ack.note && ` · ${event.ack.note}`}</p>`}
    </div>
  `;
}

const played = { url: '', here: 0, atS: 0 };
/** A film of which more has arrived goes on where it was. */
const goOn = (element, { url, here }) => {
  if (played.url === url && played.here < here) element.currentTime = played.atS;
};

/** What is before the officer has this shape; the boxes lie over the picture, not over the bars beside it. */
const noteShape = (width, height) => {
  if (width > 0 && height > 0 && (state.shape?.width !== width || state.shape.height !== height))
    change({ shape: { width, height } });
};

/** As the node saw it: each box in parts of the picture, which is fitted into the screen as the picture is (`object-fit: contain`). */
function Boxes({ event }) {
  const { width, height } = state.shape ?? { width: 16, height: 9 };
  return html`
    <svg class="boxes" viewBox=${`0 0 ${width} ${height}`} preserveAspectRatio="xMidYMid meet" aria-hidden="true">
      ${(event.boxes ?? []).map(({ x, y, w, h }) => html`<rect key=${`${x} ${y}`} x=${x * width} y=${y * height} width=${w * width} height=${h * height} />`)}
    </svg>
    ${event.reason && html`<p class="over">${event.reason}</p>`}
  `;
}

const moment = (ms) => (ms === null ? null : `${timeOfDay(ms)} ${dateOf(ms)}`);
function timing(event, say) {
  if (event.timeBy === 'stored') return say.noClock(moment(event.afterMs));
  if (event.timeBy === 're-timed') return say.reTimed(span(event.errorMs, say), moment(event.saidMs));
  if (!event.ended) return say.happening;
  return event.durationMs === null ? '' : span(event.durationMs, say);
}

export function videoWords({ clips }, say) {
  const all = (figure) => clips.reduce((sum, clip) => sum + clip[figure], 0);
  const [here, gone, of] = [all('here'), all('gone'), all('of')];
  if (of === 0) return say.noVideo;
  if (here + gone < of) return say.arriving(here, of);
  if (gone > 0) return say.givenUp(gone, of);
  const length = span(all('durationMs'), say);
  return clips.some(({ complete }) => !complete) ? `Video ${length} (${say.cut})` : `Video ${length}`;
}

const video = () => document.querySelector('.player video');
export function isFilmRunning() {
  const element = video();
  return element !== null && !element.paused && !element.ended;
}
function setSpeed(speed) {
  const element = video();
  if (element !== null) element.playbackRate = speed;
  change({ speed });
}
const toggleBoxes = () => change({ boxes: state.boxes !== true });

export function keysOfPlayer(pressed) {
  const element = video();
  if (pressed.key === 'b' || pressed.key === 'B') return toggleBoxes();
  if ((pressed.key === ',' || pressed.key === '.') && element !== null)
    return stepFrame(element, pressed.key === ',' ? -1 : 1, pressed.repeat);
  if (
    (pressed.key === ' ' || pressed.key === 'Enter') &&
    element !== null &&
    pressed.target.closest('button, a, summary, video') === null
  ) {
    pressed.preventDefault();
    if (element.paused) void element.play();
    else element.pause();
  }
}
