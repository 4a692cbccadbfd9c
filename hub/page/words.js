// What the page says, in Vietnamese and English. Names as in the glossary.

const number = (language) => new Intl.NumberFormat(language);

const vi = {
  language: 'vi',
  product: 'Mắt Làng',
  desk: 'Màn hình trực ban',
  nodes: 'Mắt camera',
  events: 'Sự kiện',
  online: 'Trực tuyến',
  stopped: 'Đã dừng',
  unknown: 'Chưa kết nối lần nào',
  offline: (span) => `Mất kết nối ${span}`,
  waitingEvents: (count) => `còn ${number('vi').format(count)} sự kiện chờ gửi`,
  waitingFiles: (count) => `còn ${number('vi').format(count)} mục chờ gửi`,
  summary: (online, all) => `${online}/${all} trực tuyến`,
  broken: (gaps) => `Chuỗi băm đứt ${gaps} chỗ`,
  noStill: 'Chưa có ảnh',
  noNodes: 'Chưa có mắt camera nào được đăng ký.',
  noEvents: 'Chưa có sự kiện nào. Sự kiện mới sẽ tự hiện ra ở đây.',
  more: 'Xem thêm',
  alarm: 'Báo động',
  happening: 'Đang diễn ra',
  triggers: {
    motion: 'Chuyển động',
    panic: 'Nút báo động',
    tamper: 'Camera bị che/xoay/phá',
    pir: 'Cảm biến hồng ngoại',
    door: 'Cửa mở',
    fire: 'Báo cháy',
    keyword: 'Từ khóa giọng nói',
    bang: 'Tiếng động lớn',
    command: 'Theo lệnh',
  },
  faults: {
    'camera-absent': 'Không thấy camera',
    'camera-exit': 'Camera ngừng chạy',
    'camera-hang': 'Camera bị treo',
    'camera-frozen': 'Hình ảnh đứng yên',
    'camera-covered': 'Camera bị che',
    'camera-sprayed': 'Camera bị phun sơn',
    'camera-turned': 'Camera bị xoay',
    'camera-blurred': 'Camera bị mờ',
    'camera-dazzled': 'Camera bị chói',
    'camera-relearned': 'Đã lấy hình hiện tại làm chuẩn',
    'camera-input': 'Lỗi nguồn hình',
    'camera-recipe': 'Không mã hóa được hình',
    'camera-slow-consumer': 'Máy xử lý không kịp',
    'film-ended': 'Hết phim',
  },
  hubFaults: {
    conflict: 'Hai bản ghi khác nhau mang cùng một số hiệu; bản đến sau bị từ chối và giữ lại làm bằng chứng',
    unreadable: 'Không mở được nội dung đã mã hóa',
    damaged: 'Tệp trong kho lưu bị hỏng',
    disk: 'Lỗi ghi đĩa của máy chủ xã',
    'disk-full': 'Đĩa của máy chủ xã gần đầy, máy chủ tạm ngừng nhận',
  },
  troubles: 'Cần chú ý',
  noBroker: 'Máy chủ xã chưa nối được với máy chủ MQTT. Tình trạng dưới đây có thể đã cũ.',
  noHub: 'Mất kết nối với máy chủ xã. Đang thử lại…',
  noVideo: 'Chưa có video',
  arriving: (here, of) => `Đang nhận video ${here}/${of}`,
  cut: 'Video kết thúc sớm hơn sự kiện',
  part: (index) => `Phần ${index}`,
  play: 'Xem video',
  choose: 'Chọn một sự kiện để xem video.',
  keys: 'Phím: ↑ ↓ chọn sự kiện, Enter xem, Esc đóng',
  failed: 'Không phát được video này.',
  download: 'Tải video',
  close: 'Đóng',
  noClock: 'chưa có giờ chuẩn',
  reason: 'Lý do',
  duration: 'Thời lượng',
  zones: 'Vùng',
  time: 'Thời gian',
  trigger: 'Nguồn báo',
  newAlarm: (title) => `Báo động mới: ${title}`,
  today: 'Hôm nay',
  yesterday: 'Hôm qua',
  seconds: (n) => `${number('vi').format(n)} giây`,
  minutes: (n) => `${number('vi').format(n)} phút`,
  hours: (n) => `${number('vi').format(n)} giờ`,
  days: (n) => `${number('vi').format(n)} ngày`,
};

const plural = (n, one) => `${number('en').format(n)} ${one}${n === 1 ? '' : 's'}`;

const en = {
  ...vi,
  language: 'en',
  desk: 'Duty desk',
  nodes: 'Nodes',
  events: 'Events',
  online: 'Online',
  stopped: 'Stopped',
  unknown: 'Never connected',
  offline: (span) => `Offline for ${span}`,
  waitingEvents: (count) => `${plural(count, 'event')} waiting to be sent`,
  waitingFiles: (count) => `${plural(count, 'item')} waiting to be sent`,
  summary: (online, all) => `${online} of ${all} online`,
  broken: (gaps) => `Hash chain broken in ${plural(gaps, 'place')}`,
  noStill: 'No still yet',
  noNodes: 'No node is registered yet.',
  noEvents: 'No events yet. New ones appear here by themselves.',
  more: 'Show more',
  alarm: 'Alarm',
  happening: 'Happening now',
  triggers: {
    motion: 'Motion',
    panic: 'Panic button',
    tamper: 'Tampering',
    pir: 'Infrared sensor',
    door: 'Door opened',
    fire: 'Fire alarm',
    keyword: 'Spoken keyword',
    bang: 'Loud bang',
    command: 'On command',
  },
  faults: {
    'camera-absent': 'Camera not found',
    'camera-exit': 'Camera stopped',
    'camera-hang': 'Camera hangs',
    'camera-frozen': 'Picture is frozen',
    'camera-covered': 'Camera covered',
    'camera-sprayed': 'Camera sprayed',
    'camera-turned': 'Camera turned away',
    'camera-blurred': 'Camera out of focus',
    'camera-dazzled': 'Camera dazzled by light',
    'camera-relearned': 'The present picture is the new standard',
    'camera-input': 'Faulty picture source',
    'camera-recipe': 'Picture cannot be encoded',
    'camera-slow-consumer': 'Board too slow',
    'film-ended': 'Film has ended',
  },
  hubFaults: {
    conflict: 'Two different records under one number; the later one was refused and kept as evidence',
    unreadable: 'A sealed body cannot be opened',
    damaged: 'A file in the archive is damaged',
    disk: "The hub's disk failed",
    'disk-full': "The hub's disk is nearly full; nothing more is taken",
  },
  troubles: 'Needs attention',
  noBroker: 'The hub has no connection to its MQTT broker. What stands below may be old.',
  noHub: 'Connection to the hub lost. Trying again…',
  noVideo: 'No video yet',
  arriving: (here, of) => `Receiving video ${here}/${of}`,
  cut: 'The video ends before the event did',
  part: (index) => `Part ${index}`,
  play: 'Play the video',
  choose: 'Choose an event to see its video.',
  keys: 'Keys: ↑ ↓ choose an event, Enter plays, Esc closes',
  failed: 'This video cannot be played.',
  download: 'Download video',
  close: 'Close',
  noClock: 'clock not set',
  reason: 'Reason',
  duration: 'Duration',
  zones: 'Zones',
  time: 'Time',
  trigger: 'Raised by',
  newAlarm: (title) => `New alarm: ${title}`,
  today: 'Today',
  yesterday: 'Yesterday',
  seconds: (n) => plural(n, 'second'),
  minutes: (n) => plural(n, 'minute'),
  hours: (n) => plural(n, 'hour'),
  days: (n) => plural(n, 'day'),
};

export const words = { vi, en };

/** A span in one unit: the one in which it is 1 or more. */
export function span(ms, say) {
  const seconds = Math.max(0, ms / 1000);
  if (seconds < 60) return say.seconds(Math.max(1, Math.round(seconds)));
  if (seconds < 3600) return say.minutes(Math.round(seconds / 60));
  if (seconds < 86_400) return say.hours(Math.round(seconds / 3600));
  return say.days(Math.round(seconds / 86_400));
}

const zone = 'Asia/Ho_Chi_Minh';
const clock = new Intl.DateTimeFormat('vi', {
  timeZone: zone,
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});
const day = new Intl.DateTimeFormat('vi', { timeZone: zone, day: '2-digit', month: '2-digit', year: 'numeric' });

export const timeOfDay = (ms) => clock.format(ms);
export const dateOf = (ms) => day.format(ms);

export function dayWord(ms, nowMs, say) {
  const date = dateOf(ms);
  if (date === dateOf(nowMs)) return say.today;
  return date === dateOf(nowMs - 86_400_000) ? say.yesterday : date;
}
