// What people know of the points on the drawn stage, and the plan they stand on.
import sharp from 'sharp';
import type { Walk } from './desk-walk.ts';

const points = [
  { hamlet: 'Thôn Chợ', contact: 'Ông Lê Văn Bảy', x: 0.46, y: 0.52 },
  { hamlet: 'Thôn Trường', contact: 'Bà Trần Thị Sáu', x: 0.27, y: 0.33 },
  { hamlet: 'Thôn Đầu Làng', contact: 'Ông Đỗ Văn Tư', x: 0.12, y: 0.6 },
  { hamlet: 'Thôn Văn Hóa', contact: 'Ông Hồ Văn Năm', x: 0.63, y: 0.3 },
  { hamlet: 'Thôn Cầu Đá', contact: 'Bà Vũ Thị Hai', x: 0.79, y: 0.63 },
];

/** Fields, a river, roads and blocks of houses: a village that is nowhere. */
const plan = `<svg xmlns="http://www.w3.org/2000/svg" width="1400" height="900">
<rect width="1400" height="900" fill="#eef3e2"/>
<g fill="#dce9c4">${[0, 1, 2, 3].map((n) => `<rect x="${40 + n * 350}" y="40" width="280" height="150" rx="12"/><rect x="${40 + n * 350}" y="700" width="280" height="160" rx="12"/>`).join('')}</g>
<path d="M1180 -20C1120 220 1220 420 1130 560S1180 800 1120 920" fill="none" stroke="#a9d3e8" stroke-width="70"/>
<g fill="none" stroke="#fff" stroke-width="26" stroke-linecap="round"><path d="M-10 545C300 520 420 470 640 470S1000 560 1410 570"/><path d="M380 -10V300C380 420 600 400 640 470V910"/><path d="M640 470C760 400 860 300 880 270V-10"/></g>
<g fill="#e6d2b8" stroke="#cdb592">${[230, 330, 520, 720, 820, 960].flatMap((x, n) => [300, 400, 600].map((y, m) => `<rect x="${x + ((n + m) % 3) * 18}" y="${y}" width="60" height="${36 + ((n * m) % 3) * 12}" rx="5"/>`)).join('')}</g>
</svg>`;

export async function addPoints({ rig, page }: Walk): Promise<void> {
  const { csrf } = await (await page.request.get(`${rig.url}/api/me`)).json();
  const headers = { 'x-csrf': csrf };
  const png = await sharp(Buffer.from(plan)).png().toBuffer();
  await page.request.post(`${rig.url}/api/plan`, { data: png, headers: { ...headers, 'content-type': 'image/png' } });
  for (const [index, { id }] of rig.nodes.entries()) {
    const data = { ...points[index], phone: `09${12345670 + index * 1111}` };
    await page.request.post(`${rig.url}/api/points/${id}`, { data, headers });
  }
}
