/**
 * The functions of sh that run start actions and report what they do. POSIX sh, and of its programs only mkdir, rm, chmod, cat and
 * tail; for a time limit also sleep, and setsid where there is one. Each is run by its tests under dash and busybox.
 *
 * The report (start-report.ts reads it) is made of lines of tab-separated fields, times in seconds of /proc/uptime, which the shell
 * itself can read: no image needs `date`, and no clock can be set in between.
 *
 * - Its place is the scheduler's choice (SERAI_START), outside the session's own directory: programs serve that one's files, as the
 *   guide's example does, and images whose user is not root may not write there.
 * - Output goes to files, never through a pipe: a command that leaves a daemon behind does not hold the start up. When the command
 *   has ended, the files are copied to the session's own output, so the log has everything, in the order of the actions.
 * - A command runs beside the script, which waits for it: a shell that is waiting hears SIGTERM, one that runs a program does not, and
 *   a session is stopped without waiting for its download. (A container's first process ignores SIGTERM without a trap.)
 * - What is forked for a command is forked without the script's trap: a signal that meets a shell between fork and its own trap is lost
 *   where the trap was inherited (seen with dash), and a watcher that has not heard of the end would be waited for.
 * - A command with a time limit gets a process group of its own, so that its children end with it.
 */

/** Of what `{ref.out}` and `{ref.err}` hold, the end: an argument of a program is 128 KiB at most. */
const referredBytesMax = 64 * 1024;

/** A command that ignores SIGTERM after its time limit is killed after so many seconds. */
const graceSeconds = 5;

export const startFunctions = (count: number): string =>
  String.raw`
serai_start=${"$"}{SERAI_START:-$SERAI_HOME/.serai/start}
unset SERAI_START
rm -rf "$serai_start"
(umask 077 && mkdir -p "$serai_start" && printf '' >"$serai_start/report") || {
  printf 'pre_start_actions cannot be run: %s cannot be written\n' "$serai_start" >&2
  exit 1
}
serai_child='' serai_watcher='' serai_group=0
serai_clock() {
  { read -r serai_now serai_rest </proc/uptime; } 2>/dev/null || serai_now=0
}
serai_tell() {
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$serai_now" "$3" "$4" "$5" 2>/dev/null >>"$serai_start/report" || :
}
serai_begin() {
  serai_clock
  serai_index=$1 serai_action=$2 serai_code=0 serai_late=0 serai_ignored=0
  serai_tell begin "$1" "$2" "$3" ''
}
serai_end() {
  serai_tell end "$serai_index" "$serai_code" "$serai_late" "$serai_ignored"
  [ "$serai_code" = 0 ] && return
  [ "$serai_ignored" = 1 ] && return
  printf 'pre_start_actions[%s] (%s) failed with exit code %s\n' "$serai_index" "$serai_action" "$serai_code" >&2
  exit "$serai_code"
}
serai_signal() {
  [ "$serai_group" = 1 ] && kill "-$1" "-$serai_child" 2>/dev/null || kill "-$1" "$serai_child" 2>/dev/null || :
}
serai_unwatch() {
  if [ -n "$serai_watcher" ]; then
    kill "$serai_watcher" 2>/dev/null || :
    wait "$serai_watcher" 2>/dev/null || :
  fi
  serai_watcher=''
}
serai_stop() {
  trap '' TERM
  if [ -n "$serai_child" ]; then serai_signal TERM; fi
  serai_unwatch
  exit 143
}
trap serai_stop TERM
serai_run_command() {
  serai_begin "$1" run_command "$2"
  serai_ignored=$3 serai_limit=$4 serai_limit_whole=$5
  shift 5
  serai_group=0
  if [ -n "$serai_limit" ] && command -v setsid >/dev/null 2>&1; then serai_group=1; fi
  if [ "$serai_group" = 1 ]; then set -- setsid "$@"; fi
  trap - TERM
  (exec "$@") </dev/null >>"$serai_start/$serai_index.out" 2>>"$serai_start/$serai_index.err" &
  serai_child=$!
  if [ -n "$serai_limit" ]; then serai_watch & serai_watcher=$!; fi
  trap serai_stop TERM
  wait "$serai_child" || serai_code=$?
  serai_clock
  serai_unwatch
  if [ -e "$serai_start/$serai_index.late" ]; then
    serai_signal KILL
    serai_late=1 serai_code=124
  fi
  serai_child=''
  cat "$serai_start/$serai_index.out" || :
  cat "$serai_start/$serai_index.err" >&2 || :
  serai_end
}
serai_watch() {
  exec </dev/null >/dev/null 2>&1
  serai_sleeper='' serai_told=0
  trap 'serai_told=1; if [ -n "$serai_sleeper" ]; then serai_wake; fi' TERM
  serai_sleep "$serai_limit" || serai_sleep "$serai_limit_whole" || exit 0
  printf '' >"$serai_start/$serai_index.late"
  serai_signal TERM
  serai_sleep ${graceSeconds} || :
  serai_signal KILL
}
serai_wake() {
  kill -KILL "$serai_sleeper"
  exit 0
}
serai_sleep() {
  sleep "$1" &
  serai_sleeper=$!
  if [ "$serai_told" = 1 ]; then serai_wake; fi
  wait "$serai_sleeper"
}
serai_path() {
  case $1 in
    /*) serai_file=$1 ;;
    *) serai_file=./$1 ;;
  esac
}
serai_written() {
  serai_clock
  if [ "$serai_code" != 0 ]; then
    serai_code=1
    serai_plain
    [ -n "$serai_error" ] || serai_error="$serai_file cannot be written"
    printf '%s\n' "$serai_error" 2>/dev/null >"$serai_start/$serai_index.err" || :
    printf '%s\n' "$serai_error" >&2
  fi
  serai_end
}
# What the shell says of itself before: its name and a line of this file.
serai_plain() {
  serai_error=${"$"}{serai_error#"$0: "}
  serai_error=${"$"}{serai_error#line }
  case ${"$"}{serai_error%%:*} in
    *[!0-9]*) ;;
    *) serai_error=${"$"}{serai_error#*: } ;;
  esac
}
serai_put() {
  umask 077
  if [ "$2" = 1 ]; then printf '%s' "$3" >>"$serai_file"; else printf '%s' "$3" >"$serai_file"; fi && chmod "$1" "$serai_file"
}
serai_write_file() {
  serai_begin "$1" write_file "$2"
  serai_path "$5"
  serai_parent=${"$"}{serai_file%/*}
  serai_error=$({ { [ -d "$serai_parent/" ] || mkdir -p "$serai_parent/"; } && serai_put "$3" "$4" "$6"; } 2>&1) || serai_code=$?
  serai_written
}
serai_write_tempfile() {
  serai_begin "$1" write_tempfile "$2"
  serai_file=$serai_start/$1.py
  serai_error=$(serai_put "$3" 0 "$4" 2>&1) || serai_code=$?
  serai_written
}
serai_mkdir() {
  serai_begin "$1" mkdir "$2"
  serai_path "$3"
  serai_error=$(mkdir -p "$serai_file" 2>&1) || serai_code=$?
  serai_written
}
serai_log() {
  serai_begin "$1" log "$2"
  printf '%s\n' "$3" 2>/dev/null >"$serai_start/$1.out" || :
  printf '%s\n' "$3" || :
  serai_end
}
serai_output() {
  tail -c ${referredBytesMax} "$serai_start/$1" || :
}
serai_ready() {
  serai_clock
  serai_tell ready '' '' '' ''
  trap - TERM
}
serai_clock
serai_tell serai-start 1 ${count} '' ''`.trim();
