// How to check an export with nothing of ours: the text that lies in it. What it says is what the investigator's walk does, word for word.

/** Vietnamese first, English below; the commands stand once. Begins with a byte order mark: Windows' own editor needs it. */
export const howTo = (node: string): string => `\uFEFF${vietnamese(node)}
${commands}
${english}`;

const vietnamese = (node: string): string => `CÁCH KIỂM TRA BẢN TRÍCH XUẤT NÀY
(English below)

Không cần phần mềm của hệ thống camera. Chỉ cần một máy có openssl (bản 3), sha256sum và, nếu muốn mở bản gốc đã mã hóa, age.
Máy Linux có sẵn hoặc cài: apt-get install openssl coreutils age unzip

Trước hết: lấy dấu vân tay khóa của camera ${node} và của máy chủ xã từ hồ sơ lắp đặt (không lấy từ chính bản này),
rồi so với kết quả của bước 1. Nếu khác, mọi bước sau không còn giá trị.

Bước 1. Dấu vân tay của các khóa công khai.
Bước 2. Từng tệp đúng như danh sách (mọi dòng phải là OK).
Bước 3. Chữ ký của máy chủ xã trên contents.jws, và danh sách tệp trong đó.
Bước 4. Chữ ký của camera trên từng bản ghi và phân đoạn, và giá trị băm của phần đã mã hóa.
Bước 5. Nội dung đã mở đúng là nội dung đã ký (mọi tệp trong parts, stills và details).
Bước 6. Chuỗi băm: mỗi bản ghi nêu giá trị băm của bản ghi ngay trước nó (hoặc 16 chữ số đầu); không thiếu số nào.
Bước 7. Chữ ký của máy chủ xã: đã có bản ghi không muộn hơn thời điểm nào (hubMs, mili giây từ 1970, UTC).
Bước 8. Ghép lại video gốc bằng cat. Các tệp trong video là bản để xem, chỉ đổi mốc thời gian về 0.
Bước 9. Chỉ người giữ khóa mở (máy chủ xã hoặc khóa dự phòng trong két): mở bản gốc bằng age và so giá trị băm.

Đúng hết thì không in ra chữ SAI nào. Không kiểm tra được bằng cách này: điều gì đã xảy ra trước ống kính, khóa của camera
đã từng bị lộ hay chưa, và giờ của camera có đúng ngoài sai số nó tự nêu hay không.

CÁC LỆNH (mở cửa sổ lệnh tại thư mục này, chép từng đoạn)
`;

/** POSIX sh. */
const commands = `
# --- 0 ---
tmp=$(mktemp -d)
part() { printf '%s' "$1" | cut -d. -f"$2" | tr '_-' '/+' | sed 's/$/===/' | tr -d '\\n' | base64 -d 2>/dev/null; }
signed() { printf '%s' "\${1%.*}" >"$tmp/text"; part "$1" 3 | head -c 64 >"$tmp/signature"
  openssl pkeyutl -verify -pubin -inkey "$2" -rawin -in "$tmp/text" -sigfile "$tmp/signature" >/dev/null 2>&1; }
pick() { tr ',{}' '\\n\\n\\n' | sed -n "s/^\\"$1\\":\\"\\{0,1\\}\\([^\\"]*\\)\\"\\{0,1\\}$/\\1/p"; }
value() { part "$1" 2 | pick "$2"; }
body() { part "$1" 2 | sed 's/.*"body":{//; s/}.*//' | pick "$2"; }
all() { find records -name '*.rec' -o -name '*.seg'; }
sealed() { tail -n +2 "$1"; }
hash() { sha256sum | cut -d' ' -f1; }

# --- 1 ---
for key in keys/*.pub; do echo "$key $(openssl pkey -pubin -in "$key" -outform DER | hash)"; done

# --- 2 ---
sha256sum --quiet -c SHA256SUMS || echo SAI

# --- 3 ---
signed "$(cat contents.jws)" keys/hub.pub || echo 'SAI contents.jws'
part "$(cat contents.jws)" 2 | tr '{' '\\n' | sed -n 's/^"path":"\\([^"]*\\)","bytes":[0-9]*,"sha256":"\\([0-9a-f]*\\)".*/\\2  \\1/p' | sha256sum --quiet -c - || echo SAI

# --- 4 ---
all | while read -r file; do
  line=$(head -n 1 "$file"); node=$(echo "$file" | cut -d/ -f2)
  signed "$line" "keys/$node.pub" || echo "SAI $file"
  [ -z "$(sealed "$file" | head -c 1 | tr '\\0' x)" ] && continue
  case "$file" in *.seg) name=sealedSha256 ;; *) name=sha256 ;; esac
  [ "$(sealed "$file" | hash)" = "$(body "$line" $name)" ] || echo "SAI $file"
done

# --- 5 ---
all | while read -r file; do body "$(head -n 1 "$file")" plainSha256; done >"$tmp/plain"
find parts stills details -type f 2>/dev/null | while read -r file; do
  grep -qx "$(hash <"$file")" "$tmp/plain" || echo "SAI $file"
done

# --- 6 ---
for file in chain/*.jws; do
  before=
  while read -r line; do
    signed "$line" "keys/$(basename "$file" .jws).pub" || echo "SAI $file"
    prev=$(value "$line" prev)
    case "$prev" in '' | null) prev=- ;; esac
    case "$before" in '' | "$prev"*) ;; *) echo "SAI $file: seq $(value "$line" seq)" ;; esac
    before=$(printf '%s' "$line" | hash)
  done <"$file"
done

# --- 7 ---
find records -name hub.jws | while read -r file; do while read -r line; do
  signed "$line" keys/hub.pub || echo "SAI $file"
  echo "$(value "$line" is) $(value "$line" boot)/$(value "$line" number) $(date -u -d "@$(($(value "$line" hubMs) / 1000))" '+%F %T UTC')"
done <"$file"; done

# --- 8 ---
for clip in parts/*; do cat "$clip"/* >"$tmp/$(basename "$clip").mp4"; ls -l "$tmp/$(basename "$clip").mp4"; done

# --- 9 ---
# KEY=/noi/de/key.txt
[ -z "\${KEY:-}" ] || all | while read -r file; do
  [ -z "$(sealed "$file" | head -c 1 | tr '\\0' x)" ] && continue
  [ "$(sealed "$file" | age -d -i "$KEY" | hash)" = "$(body "$(head -n 1 "$file")" plainSha256)" ] || echo "SAI $file"
done
`;

const english = `HOW TO CHECK THIS EXPORT
Nothing of the camera system is needed: openssl 3, sha256sum and, to open the sealed originals, age. First get the fingerprints of the
node's and the hub's keys from the installation papers (not from this export) and compare them with step 1; if they differ, nothing below counts.
1 fingerprints of the public keys · 2 every file as listed · 3 the hub's signature over the list · 4 the node's signature over each record
and segment, and the hash of its sealed body · 5 what was opened is what was signed · 6 the chain: each record names the hash of the one before it ·
7 the hub's counter-signatures: no later than when it held each record · 8 the film, put together with cat · 9 for whoever holds the
unsealing key: the originals open to the same bytes. All is well when no line says SAI (wrong). This cannot tell what happened before the
lens, whether a node's key was ever stolen, or whether its clock was right beyond the error it states.
`;
