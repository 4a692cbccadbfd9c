#!/bin/sh
# Brings a checkout to where the demo (`sh cli/setup.sh demo`), the tests (`sh cli/setup.sh test`), the pictures of the guide
# (`sh cli/setup.sh guide`), the packages (`sh cli/setup.sh deb`) or the lab of virtual machines (`sh cli/setup.sh lab`) can run.
# Says nothing when there is nothing to do; what it says goes to stderr. Installs npm packages here and, as root or
# with sudo that asks no password, Debian packages; otherwise it prints the one command to type.
set -eu
cd "$(dirname "$0")/.."
purpose=${1:-demo}
stamp=node_modules/.setup-stamp
lists_days_max=7

say() { printf '%s\n' "$*" >&2; }

# npm must not run on the very node it is about to replace.
plain_path() { printf '%s' "$PATH" | tr ':' '\n' | grep -v '/node_modules/\.bin$' | paste -sd: -; }

npm_packages() {
  # Two at once would delete each other's work. The lock file itself is the lock: nothing is left behind.
  exec 9<package-lock.json
  flock 9
  want=$(sha256sum package-lock.json package.json hub/package.json | sha256sum | cut -d' ' -f1)
  if [ "$(cat "$stamp" 2>/dev/null || true)" != "$want" ]; then
    command -v npm >/dev/null || {
      say 'npm is missing. Type: sudo apt-get install -y npm'
      exit 1
    }
    say 'Installing npm packages (package-lock.json) into node_modules …'
    # Not `npm ci`: it refuses a lock file without the packages of machines we do not run on. What the lock names is
    # installed at the version and hash it names; --no-save leaves the lock as it is.
    PATH=$(plain_path) npm install --no-save --no-audit --no-fund --loglevel=error >&2
    [ -x node_modules/.bin/node ] || {
      say "No Node 24 for this machine ($(uname -m)): Mat Lang runs on 64-bit x86 and ARM."
      exit 1
    }
    printf '%s\n' "$want" >"$stamp"
  fi
  exec 9<&-
}

# Words: the sign that a package is there (a command, or a path), and the package.
needed() {
  case $purpose in
  # The one native part of a node is compiled for both machines.
  deb | lab) printf '%s\n' 'g++ g++' 'aarch64-linux-gnu-g++ g++-aarch64-linux-gnu' ;;
  esac
  [ "$purpose" != deb ] || return 0
  cat <<'END'
ffmpeg ffmpeg
/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf fonts-dejavu-core
END
  case $purpose in test | guide) echo 'mosquitto mosquitto' ;; esac
  [ "$purpose" != guide ] || printf '%s\n' 'chromium chromium' '/usr/lib/chromium/locales/vi.pak chromium-l10n'
  [ "$purpose" = lab ] || return 0
  cat <<'END'
qemu-system-x86_64 qemu-system-x86
qemu-system-aarch64 qemu-system-arm
arch-test arch-test
/usr/sbin/mkfs.ext4 e2fsprogs
/usr/sbin/blockdev util-linux
/usr/bin/kmod kmod
mmdebstrap mmdebstrap
/usr/sbin/mkfs.vfat dosfstools
mcopy mtools
genimage genimage
/usr/sbin/sfdisk fdisk
rauc rauc
mksquashfs squashfs-tools
openssl openssl
qemu-aarch64-static qemu-user-static
gcc gcc
make make
xz xz-utils
END
}

# Without these, tests are skipped and say so.
welcome() {
  [ "$purpose" = test ] || return 0
  # Only the long run packs whole packages.
  [ -z "${MATLANG_LONG:-}" ] || printf '%s\n' 'lintian lintian' 'aarch64-linux-gnu-g++ g++-aarch64-linux-gnu'
  cat <<'END'
age age
openssl openssl
rauc rauc
mksquashfs squashfs-tools
/usr/sbin/mkfs.vfat dosfstools
mcopy mtools
chromium chromium
chromium-headless-shell chromium-headless-shell
pdftotext poppler-utils
systemd-analyze systemd
/usr/lib/python3/dist-packages/gi/__init__.py python3-gi
/usr/lib/*/girepository-1.0/GstRtspServer-1.0.typelib gir1.2-gst-rtsp-server-1.0
/usr/lib/*/gstreamer-1.0/libgstapp.so gstreamer1.0-plugins-base
/usr/lib/*/gstreamer-1.0/libgstrtp.so gstreamer1.0-plugins-good
/usr/lib/*/gstreamer-1.0/libgstvideoparsersbad.so gstreamer1.0-plugins-bad
/usr/lib/*/gstreamer-1.0/libgstx264.so gstreamer1.0-plugins-ugly
END
}

# Broker and ffmpeg of Debian may stand in sbin, which is not on everyone's PATH.
there() {
  case $1 in
  /*) for path in $1; do [ -e "$path" ] && return 0; done; return 1 ;;
  *) PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null ;;
  esac
}

missing() {
  while read -r sign package; do
    there "$sign" || printf '%s ' "$package"
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}
can_install() {
  command -v apt-get >/dev/null || return 1
  [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}
apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >&2; }

install() {
  [ -n "$(find /var/lib/apt/lists -name '*_Packages*' -mtime -$lists_days_max 2>/dev/null | head -n 1)" ] || apt update
  # shellcheck disable=SC2086 # a list of names
  apt install -y --no-install-recommends $1 || { apt update && apt install -y --no-install-recommends $1; }
  # Debian starts the broker as a service; tests run their own.
  case " $1" in *' mosquitto '*) as_root systemctl disable --now mosquitto.service >/dev/null 2>&1 || true ;; esac
}

debian_packages() {
  must=$(needed | missing)
  may=$(welcome | missing)
  [ -n "$must$may" ] || return 0
  if can_install; then
    say "Installing from Debian: $must$may"
    [ -z "$must" ] || install "$must"
    [ -z "$may" ] || install "$may" || say "Not installed: $may— the tests that need them will be skipped."
  else
    say "Type: sudo apt-get install -y --no-install-recommends $must$may"
    [ -z "$must" ] || exit 1
    say 'Going on without them: the tests that need them will be skipped.'
  fi
}

npm_packages
debian_packages
