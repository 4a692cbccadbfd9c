// What a check found, in words.
import type { Note, Unknown, Wrong } from '../../hub/custody/findings.ts';
import type { Language } from '../language.ts';

type Sentence = (place: string, detail: string) => string;
interface VerifyWords {
  readonly about: string;
  readonly keys: string;
  readonly unseal: string;
  readonly json: string;
  readonly looked: (kind: string, records: number, segments: number, clips: number, nodes: string) => string;
  readonly logLines: (count: number) => string;
  readonly key: (name: string, fingerprint: string, from: string) => string;
  readonly keysTitle: string;
  readonly moment: (event: string, at: string, errorMs: number | null, how: string, held: string) => string;
  readonly how: Readonly<Record<'own' | 're-timed' | 'unknown', string>>;
  readonly held: (at: string) => string;
  readonly ok: string;
  readonly bad: (count: number) => string;
  readonly wrongTitle: string;
  readonly notesTitle: string;
  readonly unknownTitle: string;
  readonly momentsTitle: string;
  readonly more: (count: number) => string;
  readonly nothing: (path: string) => string;
  readonly kinds: Readonly<Record<'export' | 'archive' | 'spool' | 'records', string>>;
  readonly wrong: Readonly<Record<Wrong, Sentence>>;
  readonly notes: Readonly<Record<Note, Sentence>>;
  readonly unknown: Readonly<Record<Unknown, string>>;
}

export const words: Readonly<Record<Language, VerifyWords>> = {
  vi: {
    about: 'kiểm tra ngoại tuyến một bản trích xuất, kho lưu, thẻ nhớ hoặc thư mục bản ghi; nêu đúng chỗ bị động tới',
    keys: 'thư mục khóa công khai (<tên mắt>.pub, hub.pub) lấy từ nơi khác; dùng được nhiều lần',
    unseal: 'khóa mở (tệp age), để đọc các ghi nhận đã xóa',
    json: 'in kết quả dạng JSON',
    looked: (kind, records, segments, clips, nodes) =>
      `${kind}: ${records} bản ghi, ${segments} phân đoạn, ${clips} đoạn video${nodes === '' ? '' : ` của ${nodes}`}.`,
    logLines: (count) => `Nhật ký truy cập: ${count} dòng đúng.`,
    key: (name, fingerprint, from) => `${name}  ${fingerprint}  (${from})`,
    keysTitle: 'Khóa công khai đã dùng, hãy so dấu vân tay với hồ sơ lắp đặt:',
    moment: (event, at, errorMs, how, held) =>
      `${event}: ${at}${errorMs === null ? '' : ` ± ${errorMs} ms`} (${how}${held})`,
    how: { own: 'đồng hồ của camera', 're-timed': 'tính lại từ bản ghi khác', unknown: 'camera chưa có giờ chuẩn' },
    held: (at) => `; máy chủ xã có không muộn hơn ${at}`,
    ok: 'ĐÚNG: không thấy gì bị động tới.',
    bad: (count) => `SAI: ${count} chỗ.`,
    wrongTitle: 'Bị động tới:',
    notesTitle: 'Cần biết:',
    unknownTitle: 'Không thể biết:',
    momentsTitle: 'Thời điểm sự kiện:',
    more: (count) => `… và ${count} chỗ nữa (xem --json)`,
    nothing: (path) => `${path}: không có bản ghi nào`,
    kinds: {
      export: 'Bản trích xuất',
      archive: 'Kho lưu của máy chủ',
      spool: 'Bản sao thẻ nhớ',
      records: 'Thư mục bản ghi',
    },
    wrong: {
      unreadable: (place) => `${place}: không đọc được`,
      'not-a-record': (place) => `${place}: không phải bản ghi`,
      'no-key': (place, detail) => `${place}: không có khóa công khai của ${detail}`,
      'altered-manifest': (place) => `${place}: phần kê khai đã bị sửa, hoặc được ký bằng khóa lạ`,
      'other-key': (place, detail) => `${place}: ký bằng khóa khác (ghi là của, thật ra của): ${detail}`,
      'bad-shape': (place, detail) => `${place}: chữ ký đúng nhưng nội dung không đúng dạng (${detail})`,
      swapped: (place, detail) => `${place}: bị tráo, bên trong là ${detail}`,
      're-timed': (place, detail) => `${place}: tên tệp bị đổi giờ, lệch ${detail} so với giờ đã ký`,
      'cut-body': (place, detail) => `${place}: nội dung bị cắt (${detail} byte)`,
      'longer-body': (place, detail) => `${place}: nội dung bị chèn thêm (${detail} byte)`,
      'altered-body': (place) => `${place}: nội dung bị sửa`,
      'swapped-body': (place, detail) => `${place}: nội dung bị tráo với của ${detail}`,
      conflict: (place, detail) => `${place}: có hai bản khác nhau cùng số hiệu: ${detail}`,
      'missing-record': (place, detail) => `${place}: thiếu bản ghi số ${detail}`,
      'missing-segment': (place, detail) => `${place}: thiếu phân đoạn số ${detail}`,
      'broken-link': (place) => `${place}: không nối với bản ghi ngay trước nó; có bản ghi bị thay hoặc chèn`,
      'swapped-segment': (place, detail) => `${place}: phân đoạn ${detail} không phải phân đoạn đã ký trong đoạn video`,
      're-ordered': (place) => `${place}: thứ tự bị đổi`,
      'counter-signature': (place, detail) => `${place}: dòng ${detail} không phải chữ ký của máy chủ xã`,
      'missing-held': (place, detail) => `${place}: máy chủ xã đã từng có (${detail}), nay không còn`,
      'log-line': (place) => `${place}: dòng nhật ký bị sửa`,
      'log-gap': (place, detail) => `${place}: nhật ký thiếu, thừa hoặc đổi thứ tự dòng (${detail})`,
      contents: (place) => `${place}: bản kê không do máy chủ xã này ký, hoặc đã bị sửa`,
      'missing-file': (place) => `${place}: thiếu tệp`,
      'extra-file': (place, detail) =>
        `${place}: tệp lạ, không có trong bản kê${detail === '' ? '' : `, giống ${detail}`}`,
      'renamed-file': (place, detail) => `${place}: bị đổi tên, vốn là ${detail}`,
      'cut-file': (place, detail) => `${place}: bị cắt (${detail} byte)`,
      'longer-file': (place, detail) => `${place}: bị chèn thêm (${detail} byte)`,
      'altered-file': (place) => `${place}: bị sửa`,
      'opened-otherwise': (place) => `${place}: không phải nội dung mà camera đã ký`,
    },
    notes: {
      gap: (place, detail) => `${place}: chưa có bản ghi số ${detail}`,
      tombstone: (place, detail) => `${place}: ghi nhận đã xóa (${detail})`,
      'tombstone-sealed': (place) => `${place}: ghi nhận đã xóa, còn mã hóa; dùng --unseal để biết đã xóa những gì`,
      'given-up': (place, detail) => `${place}: camera đã phải xóa khi chưa gửi được (${detail} byte)`,
      'not-here': (place, detail) => `${place}: phân đoạn chưa có ở đây: ${detail}`,
      'cut-short': (place) => `${place}: đoạn video dừng trước khi sự kiện kết thúc`,
      'set-aside': (place) => `${place}: camera đã để riêng vì hỏng`,
      'kept-conflict': (place) => `${place}: bản trùng số hiệu bị máy chủ từ chối, giữ làm bằng chứng`,
      'torn-line': (place) => `${place}: một dòng viết dở khi mất điện`,
      'not-counter-signed': (place) => `${place}: chưa có chữ ký của máy chủ xã`,
      'clocks-disagree': (place, detail) =>
        `${place}: giờ của camera muộn hơn giờ máy chủ nhận ${detail}; một trong hai đồng hồ sai`,
    },
    unknown: {
      lens: 'điều gì đã xảy ra trước ống kính',
      'stolen-key': 'khóa của camera hoặc của máy chủ đã từng bị lộ hay chưa',
      clock: 'giờ của camera có đúng ngoài sai số nó tự nêu hay không',
      tail: 'có gì sau bản ghi cuối cùng, và một mắt camera đã bị bỏ hẳn ra ngoài hay không',
      'keys-within': 'khóa công khai nằm ngay trong bản này có đúng là của thiết bị hay không: hãy so dấu vân tay',
      'no-hub-key': 'chữ ký của máy chủ xã: không có khóa hub.pub',
      'no-counter-signatures': 'máy chủ xã có các bản ghi này từ khi nào: không có chữ ký của máy chủ',
      sealed: 'những gì đã bị xóa: ghi nhận đã xóa còn mã hóa',
      'log-tail': 'các dòng cuối của nhật ký có bị cắt bỏ hay không',
      neighbours: 'có gì trước và sau phạm vi đã trích xuất',
    },
  },
  en: {
    about: 'check an export, an archive, a card or a folder of records offline, and name what was touched',
    keys: 'folder of public keys (<node>.pub, hub.pub) from somewhere else; may be given more than once',
    unseal: 'unsealing key (age file), to read what tombstones name',
    json: 'print the result as JSON',
    looked: (kind, records, segments, clips, nodes) =>
      `${kind}: ${records} records, ${segments} segments, ${clips} clips${nodes === '' ? '' : ` of ${nodes}`}.`,
    logLines: (count) => `Audit log: ${count} lines hold.`,
    key: (name, fingerprint, from) => `${name}  ${fingerprint}  (${from})`,
    keysTitle: 'Public keys used; compare their fingerprints with the installation papers:',
    moment: (event, at, errorMs, how, held) =>
      `${event}: ${at}${errorMs === null ? '' : ` ± ${errorMs} ms`} (${how}${held})`,
    how: { own: "the node's clock", 're-timed': 're-timed by another record', unknown: 'the node had no clock' },
    held: (at) => `; the hub had it no later than ${at}`,
    ok: 'RIGHT: nothing was found touched.',
    bad: (count) => `WRONG: ${count} places.`,
    wrongTitle: 'Touched:',
    notesTitle: 'To be known:',
    unknownTitle: 'Cannot be known:',
    momentsTitle: 'When the events were:',
    more: (count) => `… and ${count} more (see --json)`,
    nothing: (path) => `${path}: there are no records`,
    kinds: { export: 'Export', archive: "The hub's archive", spool: 'Copy of a card', records: 'Folder of records' },
    wrong: {
      unreadable: (place) => `${place}: cannot be read`,
      'not-a-record': (place) => `${place}: is not a record`,
      'no-key': (place, detail) => `${place}: there is no public key of ${detail}`,
      'altered-manifest': (place) => `${place}: its manifest was altered, or signed by an unknown key`,
      'other-key': (place, detail) => `${place}: signed by another key (says, is): ${detail}`,
      'bad-shape': (place, detail) =>
        `${place}: the signature holds, its content is not of the agreed shape (${detail})`,
      swapped: (place, detail) => `${place}: swapped, it holds ${detail}`,
      're-timed': (place, detail) => `${place}: its name was re-timed, by ${detail} from what was signed`,
      'cut-body': (place, detail) => `${place}: its body was cut (${detail} bytes)`,
      'longer-body': (place, detail) => `${place}: something was added to its body (${detail} bytes)`,
      'altered-body': (place) => `${place}: its body was altered`,
      'swapped-body': (place, detail) => `${place}: its body was swapped with that of ${detail}`,
      conflict: (place, detail) => `${place}: two different ones under one number: ${detail}`,
      'missing-record': (place, detail) => `${place}: missing record ${detail}`,
      'missing-segment': (place, detail) => `${place}: missing segment ${detail}`,
      'broken-link': (place) => `${place}: does not follow the record before it; one was replaced or put in`,
      'swapped-segment': (place, detail) => `${place}: segment ${detail} is not the one that the clip names`,
      're-ordered': (place) => `${place}: the order was changed`,
      'counter-signature': (place, detail) => `${place}: line ${detail} is not the hub's signature`,
      'missing-held': (place, detail) => `${place}: the hub had it (${detail}), and it is not here`,
      'log-line': (place) => `${place}: a line of the log was altered`,
      'log-gap': (place, detail) => `${place}: lines of the log are missing, added or re-ordered (${detail})`,
      contents: (place) => `${place}: the list was not signed by this hub, or was altered`,
      'missing-file': (place) => `${place}: missing`,
      'extra-file': (place, detail) => `${place}: not in the list${detail === '' ? '' : `, the same as ${detail}`}`,
      'renamed-file': (place, detail) => `${place}: renamed, it was ${detail}`,
      'cut-file': (place, detail) => `${place}: cut (${detail} bytes)`,
      'longer-file': (place, detail) => `${place}: something was added (${detail} bytes)`,
      'altered-file': (place) => `${place}: altered`,
      'opened-otherwise': (place) => `${place}: is not what the node signed`,
    },
    notes: {
      gap: (place, detail) => `${place}: record ${detail} is not here`,
      tombstone: (place, detail) => `${place}: tombstone (${detail})`,
      'tombstone-sealed': (place) => `${place}: a sealed tombstone; --unseal says what it names`,
      'given-up': (place, detail) => `${place}: given up by the node before it could be sent (${detail} bytes)`,
      'not-here': (place, detail) => `${place}: segments that are not here: ${detail}`,
      'cut-short': (place) => `${place}: the film ends before its event did`,
      'set-aside': (place) => `${place}: set aside by the node as damaged`,
      'kept-conflict': (place) => `${place}: refused by the hub for its number, kept as evidence`,
      'torn-line': (place) => `${place}: a line that a power cut tore`,
      'not-counter-signed': (place) => `${place}: without the hub's signature`,
      'clocks-disagree': (place, detail) =>
        `${place}: the node's time is ${detail} after the hub had it; one of the clocks was wrong`,
    },
    unknown: {
      lens: 'what happened before the lens',
      'stolen-key': "whether a node's or the hub's key was ever stolen",
      clock: "whether a node's clock was right beyond the error it states",
      tail: 'what came after the last record, and whether a whole node was left out',
      'keys-within': 'whether the public keys that lie in this set are those of the devices: compare the fingerprints',
      'no-hub-key': "the hub's signatures: there is no hub.pub",
      'no-counter-signatures': "since when the hub had these records: there are no signatures of the hub's",
      sealed: 'what was given up: tombstones are sealed',
      'log-tail': 'whether the last lines of the log were cut off',
      neighbours: 'what lies before and after the range that was exported',
    },
  },
};
