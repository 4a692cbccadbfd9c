#!/bin/sh
# Which of two systems the Raspberry Pi starts: rauc's backend for a boot loader of one's own, over the firmware's autoboot.txt. `boot-choice WORD [A|B [good|bad]]`.
# All that there is to know stands in that one file, and changes by one rename:
#   [all]      boot_partition=N   what the firmware starts
#   [tryboot]  boot_partition=N   what it starts once after `reboot '0 tryboot'`; absent when nothing is to be tried
# Exit 255 is "cannot be told", 1 to `on-trial` is "no": systemd tries the one again, and leaves it at the other.
# A system is kept by its own word alone (`set-state X good`, said by X while it runs). Until then every other start leads back to the old one.
set -eu

partition_of() { # the boot partitions of a card laid out for two systems
  case $1 in A) echo 2 ;; B) echo 3 ;; *) refuse "no slot $1: A or B" ;; esac
}
slot_of() {
  case $1 in 2) echo A ;; 3) echo B ;; esac
}
refuse() {
  echo "boot-choice: $*" >&2
  exit 255
}

# The kernel's command line says which system runs: each boot partition's own.
running() {
  for word in $(cat "${MATLANG_CMDLINE:-/proc/cmdline}"); do
    case $word in rauc.slot=A | rauc.slot=B) echo "${word#rauc.slot=}" && return ;; esac
  done
  refuse 'the kernel was not told rauc.slot=A or rauc.slot=B: this card is not laid out for two systems'
}

open_card() { # $1: ro or rw. Mounted for as long as it takes: what is not mounted no power cut can hurt.
  [ -z "${MATLANG_BOOT_SELECT:-}" ] || return 0
  # One at a time: Linux mounts nothing read-write that is mounted read-only elsewhere.
  exec 9>/run/matlang-boot-choice.lock
  flock 9
  MATLANG_BOOT_SELECT=$(mktemp -d /run/matlang-select.XXXXXX)
  trap 'umount "$MATLANG_BOOT_SELECT" 2>/dev/null || :; rmdir "$MATLANG_BOOT_SELECT"' EXIT
  mount -t vfat -o "$1,nosuid,nodev,noexec,noatime" /dev/disk/by-partuuid/6d61746c-01 "$MATLANG_BOOT_SELECT" ||
    refuse 'the partition with autoboot.txt cannot be mounted'
}

named_in() { # $1: all or tryboot; the slot that this section names last, as the firmware reads it
  cr=$(printf '\r')
  section=all slot=
  [ ! -f "$MATLANG_BOOT_SELECT/autoboot.txt" ] || while IFS= read -r line || [ -n "$line" ]; do
    line=${line%"$cr"}
    case $line in
    '['*']') section=${line#'['} section=${section%']'} ;;
    boot_partition=*) [ "$section" != "$1" ] || slot=$(slot_of "${line#*=}") ;;
    esac
  done <"$MATLANG_BOOT_SELECT/autoboot.txt"
  echo "$slot"
}

look() {
  open_card "$1"
  here=$(running)
  # A file that is gone or names nothing: what runs was started all the same, and the next change writes the file whole.
  named=$(named_in all)
  usual=${named:-$here}
  tried=$(named_in tryboot)
  [ "$tried" != "$usual" ] || tried=
}

choose() { # $1: the usual one, $2: the one to try, or nothing
  file=$MATLANG_BOOT_SELECT/autoboot.txt
  {
    printf '[all]\ntryboot_a_b=1\nboot_partition=%s\n' "$(partition_of "$1")"
    [ -z "$2" ] || printf '[tryboot]\nboot_partition=%s\n' "$(partition_of "$2")"
  } >"$file.new"
  # What is on the card before the name changes is whole; on FAT the change itself is one entry of 32 bytes, in one sector.
  sync "$file.new"
  mv -f "$file.new" "$file"
  sync "$MATLANG_BOOT_SELECT"
}

set_state() { # $1: slot, $2: good or bad
  case $2 in
  bad)
    # rauc says so before it overwrites a slot. The one that every start leads back to is not to be touched.
    [ "$1" != "$usual" ] || refuse "$1 is what the card starts: it stays until another system has proven itself"
    [ "$1" != "$tried" ] || choose "$usual" ''
    ;;
  good)
    [ "$1" != "$named" ] || return 0
    [ "$1" = "$here" ] || refuse "$1 does not run: only a system that runs can say that it is well"
    [ -z "$named" ] || [ "$1" = "$tried" ] || refuse "$1 is not on trial any more"
    choose "$1" ''
    ;;
  *) refuse "a state is good or bad, not $2" ;;
  esac
}

word=${1:-}
case $word in set-*) look rw ;; get-primary | get-state | on-trial) look ro ;; esac
case $word in
get-current) running ;;
# What is to be started next, be it once.
get-primary) echo "${tried:-$usual}" ;;
set-primary)
  partition_of "${2:-}" >/dev/null
  if [ "$2" = "$usual" ]; then choose "$usual" ''; else choose "$usual" "$2"; fi
  ;;
get-state)
  partition_of "${2:-}" >/dev/null
  if [ "$2" = "$usual" ] || [ "$2" = "$tried" ]; then echo good; else echo bad; fi
  ;;
set-state)
  partition_of "${2:-}" >/dev/null
  set_state "$2" "${3:-}"
  ;;
# Does a system run here that every other start would leave?
on-trial) [ "$here" != "$usual" ] ;;
*) refuse 'the words are get-primary, set-primary, get-state, set-state, get-current and on-trial' ;;
esac
