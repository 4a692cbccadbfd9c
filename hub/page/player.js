// The chosen event: its video in the page, and what is known about it.

import { videoWords } from './events.js';
import { html } from './html.js';
import { dateOf, span, timeOfDay } from './words.js';

export function Player({ event, part, failed, say, choosePart, fail, close }) {
  if (event === undefined) return html`<aside class="player idle"><p>${say.choose}</p></aside>`;
  const clip = event.clips[part];
  const isPlayable = clip !== undefined && clip.here > 0;
  return html`
    <aside class=${`player ${event.level}`} aria-label=${event.title}>
      <div class="screen">
        ${
          isPlayable
            ? html`<video key=${`${clip.url} ${clip.here}`} src=${clip.url} controls autoplay muted playsinline preload="auto" onError=${fail}></video>`
            : event.still === null
              ? html`<p>${say.noVideo}</p>`
              : html`<img src=${event.still} alt=${event.title} />`
        }
        ${isPlayable && failed && html`<p class="failed" role="alert">${say.failed}</p>`}
      </div>
      ${event.clips.length > 1 && html`<${Parts} clips=${event.clips} part=${part} say=${say} choosePart=${choosePart} />`}
      <div class="facts">
        <div class="facts-head">
          <h2>${event.title}</h2>
          ${event.level === 'alarm' && html`<span class="badge">${say.alarm}</span>`}
          <button type="button" class="close" aria-label=${say.close} title=${say.close} onClick=${close}>×</button>
        </div>
        <dl>${factsOf(event, clip, say).map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
        ${clip !== undefined && !clip.complete && html`<p class="fault">${say.cut}</p>`}
        ${isPlayable && html`<a class="download" href=${clip.url} download=${`${event.node}-${event.id}-${part + 1}.mp4`}>${say.download}</a>`}
      </div>
    </aside>
  `;
}

function Parts({ clips, part, say, choosePart }) {
  return html`
    <div class="parts">
      ${clips.map(
        (clip, index) => html`
          <button key=${clip.url} type="button" aria-pressed=${index === part ? 'true' : 'false'} onClick=${() => choosePart(index)}>
            ${say.part(index + 1)}
          </button>
        `,
      )}
    </div>
  `;
}

function factsOf(event, clip, say) {
  const when = `${timeOfDay(event.atMs)} · ${dateOf(event.atMs)}${event.timed ? '' : ` (${say.noClock})`}`;
  const facts = [
    [say.time, when],
    [say.trigger, say.triggers[event.trigger] ?? event.trigger],
    [say.zones, event.zones.join(', ')],
    [say.duration, event.ended ? (event.durationMs === null ? '' : span(event.durationMs, say)) : say.happening],
    [say.reason, event.reason ?? ''],
    ['Video', clip === undefined || clip.here < clip.of ? videoWords(event, say) : ''],
  ];
  return facts.filter(([, value]) => value !== '');
}
