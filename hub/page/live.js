// A live picture: sealed on its way, opened by the hub, played by the browser's own media source.
import { html } from './html.js';
import { Mark } from './icons.js';
import { Modal } from './modal.js';
import { change, state, titleOf } from './state.js';

const now = { stop: undefined };

/** Played as soon as the first second is here; what lies further behind than this is jumped over. */
const lateS = 2.5;

export function LivePicture({ say }) {
  const { node, is, why } = state.live;
  return html`
    <${Modal} name="live-veil" label=${`${say.live}: ${titleOf(node)}`} close=${stopLive} onClick=${(clicked) => clicked.target === clicked.currentTarget && stopLive()}>
      <div class="live">
        <div class="live-head">
          <h2>${titleOf(node)}</h2>
          ${is === 'on' && html`<span class="badge live-badge"><${Mark} state="online" />${say.liveOn}</span>`}
          ${is === 'over' && html`<button type="button" class="primary" onClick=${() => startLive(node)}>${say.liveAgain}</button>`}
          <button type="button" onClick=${stopLive}>${say.liveStop} <kbd>Esc</kbd></button>
        </div>
        <div class="screen">
          <video id="live" autoplay muted playsinline aria-label=${titleOf(node)}></video>
          ${is === 'asked' && html`<p role="status">${say.liveWaiting}</p>`}
          ${is === 'over' && html`<p role="status">${say.liveOver}</p>`}
          ${is === 'failed' && html`<p role="alert">${say.liveFaults[why] ?? say.liveFaults.failed}</p>`}
        </div>
      </div>
    </${Modal}>
  `;
}

export function stopLive() {
  now.stop?.abort();
  now.stop = undefined;
  change({ live: undefined });
}

export async function startLive(node) {
  now.stop?.abort();
  const stop = new AbortController();
  now.stop = stop;
  change({ live: { node, is: 'asked' } });
  const tell = (is, why) => now.stop === stop && change({ live: { node, is, why } });
  const why = await playLive(
    node,
    () => document.getElementById('live'),
    // The browser may say so only when its time is over already.
    () => state.live?.is === 'asked' && tell('on'),
    stop.signal,
  );
  tell(why === undefined ? 'over' : 'failed', why);
}

/** Undefined when its time was over, else why it failed. `screen` is asked for when the first second is here. */
export async function playLive(node, screen, began, signal) {
  try {
    const answer = await fetch(`/api/live/${node}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf': state.me.csrf },
      body: '{}',
      signal,
    });
    if (!answer.ok) return (await answer.json().catch(() => ({}))).error ?? 'failed';
    await play(answer, screen(), began);
    return undefined;
  } catch {
    return 'failed';
  }
}

async function play(answer, video, began) {
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  await new Promise((resolve) => source.addEventListener('sourceopen', resolve, { once: true }));
  URL.revokeObjectURL(video.src);
  const buffer = source.addSourceBuffer(answer.headers.get('x-media-type'));
  buffer.mode = 'sequence';
  const put = (bytes) =>
    new Promise((resolve, reject) => {
      buffer.addEventListener('updateend', resolve, { once: true });
      buffer.addEventListener('error', reject, { once: true });
      buffer.appendBuffer(bytes);
    });
  video.addEventListener('playing', began, { once: true });
  const reader = answer.body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    await put(next.value);
    const { buffered } = video;
    if (buffered.length === 0) continue;
    const end = buffered.end(buffered.length - 1);
    if (end - video.currentTime > lateS) video.currentTime = end - 0.5;
    if (buffer.buffered.length > 0 && end - buffer.buffered.start(0) > 30 && !buffer.updating) {
      const done = new Promise((resolve) => buffer.addEventListener('updateend', resolve, { once: true }));
      buffer.remove(0, end - 15);
      await done;
    }
  }
}
