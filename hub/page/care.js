// Devices: what people know of each point, and how its node is.
import { html } from './html.js';
import { Mark } from './icons.js';
import { change, post, state } from './state.js';
import { stateWords } from './wall.js';

export function Care({ say }) {
  const chosen = state.nodes.find(({ node }) => node === state.at.node) ?? state.nodes[0];
  return html`
    <ul class="list" aria-label=${say.nodes}>
      ${state.nodes.map(
        (node) =>
          html`<li key=${node.node}><a href=${`#/care?node=${node.node}`} aria-current=${node === chosen ? 'true' : undefined}><${Mark} state=${node.state} /><span><strong>${node.title}</strong><small>${stateWords(node, say)}</small></span></a></li>`,
      )}
    </ul>
    ${chosen && html`<section class="sheet" key=${chosen.node}><h2>${chosen.title}</h2><${PointForm} key=${`${chosen.node} form`} node=${chosen} say=${say} /></section>`}
  `;
}

function PointForm({ node, say }) {
  const point = state.points[node.node] ?? { hamlet: '', contact: '', phone: '', x: null, y: null };
  const save = async (event) => {
    event.preventDefault();
    const { hamlet, contact, phone } = Object.fromEntries(new FormData(event.target));
    const told = await post(`/api/points/${node.node}`, { ...point, hamlet, contact, phone }).then(
      () => say.saved,
      () => say.notSaved,
    );
    change({ careTold: { node: node.node, told } });
  };
  return html`
    <form class="grid" onSubmit=${save}>
      <label class="field"><span>${say.hamlet}</span><input name="hamlet" maxlength="80" defaultValue=${point.hamlet} /></label>
      <label class="field"><span>${say.guard}</span><input name="contact" maxlength="80" defaultValue=${point.contact} /></label>
      <label class="field"><span>${say.phone}</span><input name="phone" maxlength="24" type="tel" defaultValue=${point.phone} /></label>
      <button class="primary">${say.save}</button>
      <p role="status">${state.careTold?.node === node.node ? state.careTold.told : ''}</p>
    </form>
  `;
}
