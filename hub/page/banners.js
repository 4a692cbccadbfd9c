// What is wrong with the hub itself, over every view and on the screen on the wall.
import { html } from './html.js';
import { Mark } from './icons.js';
import { state } from './state.js';

export function Banners({ say }) {
  const { hubHere, connected, disk } = state;
  return html`
    <div class="banners">
      ${!hubHere && html`<p class="banner" role="status">${say.noHub}</p>`}
      ${hubHere && !connected && html`<p class="banner" role="status">${say.noBroker}</p>`}
      ${disk && disk.state !== 'ok' && html`<p class="banner disk" role="alert"><${Mark} state="alarm" /> ${diskWords(disk, say)}</p>`}
    </div>
  `;
}

const gigabyte = 1e9;
function diskWords({ state: how, freeBytes, perDayBytes }, say) {
  const free = say.gigabytes(freeBytes / gigabyte);
  return how === 'full' ? say.diskFull(free) : say.diskLow(free, say.gigabytes(perDayBytes / gigabyte));
}
