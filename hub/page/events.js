// The list of events, newest first, by day.
import { html } from './html.js';
import { dayWord, span, timeOfDay } from './words.js';

export const keyOf = (event) => `${event.node}/${event.id}`;

export function Events({ events, next, chosen, nowMs, say, choose, more }) {
  const rows = events.flatMap((event, index) => {
    const day = dayWord(event.atMs, nowMs, say);
    const before = events[index - 1];
    const isNewDay = before === undefined || dayWord(before.atMs, nowMs, say) !== day;
    const row = html`<${Row} key=${keyOf(event)} event=${event} isChosen=${keyOf(event) === chosen} say=${say} choose=${choose} />`;
    return isNewDay ? [html`<li key=${`day ${day}`} class="day">${day}</li>`, row] : [row];
  });
  return html`
    <section class="events" aria-labelledby="events-title">
      <div class="section-head">
        <h2 id="events-title">${say.events}</h2>
        <span class="quiet keys">${say.keys}</span>
      </div>
      ${events.length === 0 && html`<p class="empty">${say.noEvents}</p>`}
      <ol class="rows">${rows}</ol>
      ${next !== null && html`<button type="button" class="more" onClick=${more}>${say.more}</button>`}
    </section>
  `;
}

function Row({ event, isChosen, say, choose }) {
  const { title, level, still, reason, timed, atMs } = event;
  return html`
    <li>
      <button
        type="button"
        class=${`row ${level}`}
        data-key=${keyOf(event)}
        aria-pressed=${isChosen ? 'true' : 'false'}
        onClick=${() => choose(keyOf(event))}
      >
        <span class="thumb">${still !== null && html`<img src=${still} alt="" loading="lazy" />`}</span>
        <span class="row-text">
          <span class="row-head">
            <time dateTime=${new Date(atMs).toISOString()}>${timeOfDay(atMs)}</time>
            ${level === 'alarm' && html`<span class="badge">${say.alarm}</span>`}
            <strong>${title}</strong>
          </span>
          <span class="row-what">${whatWords(event, say)}${!timed && ` · ${say.noClock}`}</span>
          ${reason !== null && html`<span class="row-why">${reason}</span>`}
        </span>
        <span class="row-video">${videoWords(event, say)}</span>
      </button>
    </li>
  `;
}

function whatWords({ trigger, zones, durationMs, ended }, say) {
  const parts = [say.triggers[trigger] ?? trigger, zones.join(', ')];
  if (!ended) parts.push(say.happening);
  else if (durationMs !== null) parts.push(span(durationMs, say));
  return parts.filter((part) => part !== '').join(' · ');
}

export function videoWords({ clips }, say) {
  const here = clips.reduce((sum, clip) => sum + clip.here, 0);
  const of = clips.reduce((sum, clip) => sum + clip.of, 0);
  if (of === 0) return say.noVideo;
  if (here < of) return say.arriving(here, of);
  return html`<span class="video-length"><span aria-hidden="true">▶</span> ${span(
    clips.reduce((sum, clip) => sum + clip.durationMs, 0),
    say,
  )}</span>`;
}
