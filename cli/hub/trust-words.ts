// What the commands about the commune's trust say.
import type { Language } from '../language.ts';

type State = 'active' | 'revoked' | 'withdrawn';
interface TrustWords {
  readonly init: string;
  readonly commune: string;
  readonly address: string;
  readonly broker: string;
  readonly brokerPort: string;
  readonly enrolPort: string;
  readonly initAfter: string;
  readonly made: string;
  readonly nothingToDo: string;
  readonly escrow: string;
  readonly escrowAfter: string;
  readonly admin: (account: { readonly name: string; readonly password: string }) => string;
  readonly unwrapped: (why: string) => string;
  readonly initNext: (dir: string) => string;
  readonly ticket: string;
  readonly node: string;
  readonly place: string;
  readonly owner: string;
  readonly contact: string;
  readonly consentDate: string;
  readonly consentUntil: string;
  readonly armed: string;
  readonly hours: string;
  readonly out: string;
  readonly svg: string;
  readonly ticketAfter: string;
  readonly ticketHead: (node: string, place: string) => string;
  readonly ticketDone: (file: string, node: string, hours: number) => string;
  readonly lentNeeds: string;
  readonly notFounded: (dir: string) => string;
  readonly revoke: string;
  readonly withdraw: string;
  readonly reason: string;
  readonly notInForce: (node: string) => string;
  readonly ended: (node: string, state: State) => string;
  readonly nodes: string;
  readonly state: Readonly<Record<State, string>>;
  readonly lentBy: (owner: string, contact: string, from: string, until: string | undefined) => string;
}

const inBrackets = (why: string): string => (why === '' ? '' : ` (${why})`);

export const trustWords: Readonly<Record<Language, TrustWords>> = {
  vi: {
    init: 'lập máy chủ của xã: CA, khóa, sổ mắt camera, cấu hình (chạy lại: chỉ bổ sung và gia hạn)',
    commune: 'mã xã',
    address: 'tên hoặc địa chỉ mà mắt camera dùng để tới máy này (mặc định: địa chỉ mạng của máy)',
    broker: 'mosquitto (dịch vụ riêng), hoặc embedded (chạy trong máy chủ xã, cho vài mắt camera)',
    brokerPort: 'cổng MQTT (TLS)',
    enrolPort: 'cổng đăng ký và gia hạn',
    initAfter: `
Ví dụ:
  sudo install -d -o matlang-hub -g matlang-hub -m 0711 /var/lib/matlang-hub
  sudo matlang hub init /var/lib/matlang-hub --commune xa-yen-binh --address hub.yenbinh.vn 10.0.0.2
Mở trên tường lửa: cổng MQTT (8883), cổng đăng ký (8884) và màn hình trực ban (8443).
Cài trust/ca.crt.pem vào trình duyệt của các máy khác trong xã. Chạy lại lệnh này mỗi khi đổi addresses trong hub.yaml.`,
    made: 'Đã tạo hoặc gia hạn:',
    nothingToDo: 'Mọi thứ đã có và còn hạn.',
    escrow: 'KHÓA DỰ PHÒNG, chỉ hiện MỘT LẦN này. In ra hoặc chép tay, cho vào phong bì, cất vào két:',
    escrowAfter: 'Khóa này mở được mọi dữ liệu đã mã hóa khi máy chủ hỏng hoặc mất. Nó không nằm trên máy này.',
    admin: ({ name, password }) =>
      `TÀI KHOẢN QUẢN TRỊ ĐẦU TIÊN, mật khẩu chỉ hiện MỘT LẦN này và phải đổi khi đăng nhập lần đầu:
  tài khoản: ${name}
  mật khẩu:  ${password}`,
    unwrapped: (why) =>
      `Lưu ý: khóa mở dữ liệu (key.txt) nằm trên đĩa chưa được bọc, chỉ root hoặc chủ thư mục đọc được${inBrackets(why)}.\n` +
      'Trên máy chạy systemd, chạy lệnh này bằng sudo thì khóa được bọc bằng bí mật riêng của máy (và TPM nếu có).',
    initNext: (dir) => `Bước tiếp:
  sudo cp -r ${dir}/systemd/. /etc/systemd/system/ && sudo systemctl daemon-reload
  sudo systemctl enable --now matlang-broker-reload.path; sudo systemctl restart mosquitto matlang-hub
  (chạy thử không cần systemd: matlang hub --config ${dir}/hub.yaml)
  Tài khoản cho mọi người: ở màn hình trực ban, hoặc matlang hub --config ${dir}/hub.yaml account add.
  Mắt camera đầu tiên: matlang hub --config ${dir}/hub.yaml ticket --node mat-01 --place "Ngã ba chợ"`,
    ticket: 'cấp mã đăng ký cho một mắt camera (dùng một lần, có hạn), dạng tệp và mã QR',
    node: 'mã mắt camera: a-z 0-9 -',
    place: 'tên điểm camera, ví dụ "Ngã ba chợ"',
    owner: 'camera cho mượn: chủ nhà, trường, cửa hàng',
    contact: 'cách liên hệ với chủ (chỉ lưu ở máy chủ xã)',
    consentDate: 'ngày chủ đồng ý (mặc định: hôm nay)',
    consentUntil: 'đồng ý đến ngày',
    armed: 'giờ được phép báo sự kiện, ví dụ 22:00-05:00',
    hours: 'mã có hạn trong bao nhiêu giờ',
    out: 'tệp mã đăng ký (mặc định: <mã mắt>.ticket)',
    svg: 'ghi thêm mã QR ra tệp SVG để in',
    ticketAfter: `
Mang tệp (USB) hoặc ảnh mã QR tới mắt camera và chạy ở đó:  sudo matlang enrol TỆP
Thay thẻ nhớ hoặc thay máy: cấp mã mới với cùng --node; tên giữ nguyên, thẻ cũ hết hiệu lực ngay khi thẻ mới đăng ký.
Ai cầm mã này đều đăng ký được một lần: giữ như giữ chìa khóa, mất thì cấp lại (mã cũ tự hết hiệu lực).`,
    ticketHead: (node, place) => `Mã đăng ký mắt camera ${node} (${place}). Dùng một lần.`,
    ticketDone: (file, node, hours) =>
      `Đã ghi ${file}, có hạn ${hours} giờ. Trên mắt camera: sudo matlang enrol ${node}.ticket`,
    lentNeeds: 'camera cho mượn cần --owner',
    notFounded: (dir) => `chưa có ${dir}: chạy matlang hub init trước`,
    revoke: 'thu hồi một mắt camera (mất, bị lấy trộm): hết hiệu lực trong vài giây, cả khi đang kết nối',
    withdraw: 'chủ không cho mượn camera nữa: dừng và cắt kết nối ngay',
    reason: 'lý do, ghi vào nhật ký',
    notInForce: (node) => `không có mắt camera ${node} đang hoạt động trong sổ`,
    ended: (node, state) =>
      state === 'revoked' ? `Đã thu hồi ${node}.` : `${node} không còn được cho mượn: đã dừng và cắt kết nối.`,
    nodes: 'danh sách mắt camera của xã',
    state: { active: 'hoạt động', revoked: 'đã thu hồi', withdrawn: 'thôi cho mượn' },
    lentBy: (owner, contact, from, until) =>
      `của ${owner}${contact === '' ? '' : ` (${contact})`}, đồng ý từ ${from}${until === undefined ? '' : ` đến ${until}`}`,
  },
  en: {
    init: "found a commune's hub: CA, keys, roll, configuration (run again: adds and renews only)",
    commune: 'name of the commune',
    address: "names or addresses under which nodes reach this machine (the machine's own, unless said)",
    broker: 'mosquitto (a service of its own), or embedded (inside the hub, for a few nodes)',
    brokerPort: 'MQTT port (TLS)',
    enrolPort: 'port where nodes join and renew',
    initAfter: `
Example:
  sudo install -d -o matlang-hub -g matlang-hub -m 0711 /var/lib/matlang-hub
  sudo matlang hub init /var/lib/matlang-hub --commune xa-yen-binh --address hub.yenbinh.vn 10.0.0.2
Open in the firewall: the MQTT port (8883), the enrolment port (8884) and the duty desk (8443).
Install trust/ca.crt.pem in the browsers of the commune's other machines. Run it again whenever addresses change in hub.yaml.`,
    made: 'Made or renewed:',
    nothingToDo: 'Everything is there and in date.',
    escrow: 'ESCROW KEY, shown this ONE time. Print or copy it, put it into an envelope and into the safe:',
    escrowAfter: 'It opens everything that was sealed when the hub is broken or gone. It is not kept on this machine.',
    admin: ({ name, password }) =>
      `FIRST ADMINISTRATOR; the password is shown this ONE time and has to be changed at the first sign-in:
  account:  ${name}
  password: ${password}`,
    unwrapped: (why) =>
      `Note: the unsealing key (key.txt) lies on the disk in clear, for root or the folder's owner alone${inBrackets(why)}.\n` +
      "On a machine with systemd, run with sudo, this command wraps it by the machine's own secret (and its TPM, where there is one).",
    initNext: (dir) => `Next:
  sudo cp -r ${dir}/systemd/. /etc/systemd/system/ && sudo systemctl daemon-reload
  sudo systemctl enable --now matlang-broker-reload.path; sudo systemctl restart mosquitto matlang-hub
  (to try it without systemd: matlang hub --config ${dir}/hub.yaml)
  Accounts for the others: at the duty desk, or matlang hub --config ${dir}/hub.yaml account add.
  First node: matlang hub --config ${dir}/hub.yaml ticket --node mat-01 --place "Ngã ba chợ"`,
    ticket: 'give a ticket for a node (one use, expires), as a file and a QR code',
    node: "the node's name: a-z 0-9 -",
    place: 'what people call the point, "Ngã ba chợ"',
    owner: 'for a camera that is lent: household, school or shop',
    contact: 'how the owner is reached (stays on the hub)',
    consentDate: 'when the owner agreed (today, unless said)',
    consentUntil: 'agreed until',
    armed: 'hours in which events may be raised, 22:00-05:00',
    hours: 'hours until the ticket expires',
    out: 'file for the ticket (<node>.ticket, unless said)',
    svg: 'also write the QR code as SVG, to print',
    ticketAfter: `
Carry the file (USB stick) or the QR code to the node and run there:  sudo matlang enrol FILE
Another card or board: give a new ticket with the same --node; the name stays, the old card is out of force when the new one joins.
Whoever holds a ticket can join once: keep it like a key; if it is lost, give another (the old one is void).`,
    ticketHead: (node, place) => `Ticket for node ${node} (${place}). One use.`,
    ticketDone: (file, node, hours) =>
      `Wrote ${file}, good for ${hours} hours. On the node: sudo matlang enrol ${node}.ticket`,
    lentNeeds: 'a lent camera needs --owner',
    notFounded: (dir) => `${dir} is not there yet: run matlang hub init first`,
    revoke: 'revoke a node (lost, stolen): in force within seconds, on an open connection too',
    withdraw: 'its owner no longer lends the camera: stop and cut it off at once',
    reason: 'reason, kept in the audit log',
    notInForce: (node) => `no node ${node} is in force in the roll`,
    ended: (node, state) =>
      state === 'revoked' ? `Revoked ${node}.` : `${node} is lent no longer: stopped and cut off.`,
    nodes: "list the commune's nodes",
    state: { active: 'active', revoked: 'revoked', withdrawn: 'withdrawn' },
    lentBy: (owner, contact, from, until) =>
      `${owner}'s${contact === '' ? '' : ` (${contact})`}, agreed from ${from}${until === undefined ? '' : ` until ${until}`}`,
  },
};
