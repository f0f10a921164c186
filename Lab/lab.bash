# Functions that all scripts of the lab use: messages, directories of parts, processes, requests to engines.
# shellcheck shell=bash
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin # the directories of daemons, which are not in every user's PATH
umask 022

say() {
  printf 'lab: %s\n' "$*" >&2
}

fail() {
  printf 'lab: %s\n' "$@" >&2
  exit 1
}

need() {
  local command
  for command; do
    command -v "$command" >/dev/null || fail "The command $command is missing on this machine." "Run Lab/setup, then run this again."
  done
}

hash_of() {
  local digest
  digest=$(printf %s "$1" | sha256sum)
  echo "${digest:0:8}"
}

# ---- Directories of parts

lab_directory() {
  local checkout
  checkout=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
  realpath -m -- "${BERTH_LAB_DIR:-/tmp/bl-$(hash_of "$checkout")}"
}

# claim DIRECTORY KIND: creates the directory of a part if it is missing, and locks it until the script ends. Fails if
# the directory is used for anything else than a part of this kind.
claim() {
  local directory=$1 kind=$2
  [[ $directory != *[[:space:]]* ]] || fail "The path '$directory' contains a space, which sshd's configuration does not allow." "Choose another directory."
  lock_directory "$directory"
  [[ -O $directory ]] || fail "$directory belongs to another user." "Remove it, or choose another directory."
  [[ -n $(ls -A "$directory") ]] || echo "$kind" >"$directory/part"
  [[ $(cat "$directory/part" 2>/dev/null) == "$kind" ]] ||
    fail "$directory contains files that do not belong to a $kind of the lab. Nothing was changed." "Choose an empty directory."
}

lock_directory() {
  local lock
  while :; do
    [[ -d $1 ]] || (umask 077 && mkdir -p "$1")
    exec {lock}<"$1"
    flock --wait 120 "$lock" || fail "Another script has locked $1 for two minutes." "End that script, then run this again."
    # The previous holder of the lock may have removed the directory.
    [[ $1 -ef /proc/self/fd/$lock ]] && return
    exec {lock}<&-
  done
}

# check_options DIRECTORY [OPTION…]: fails if the part in DIRECTORY is running with other options than these.
check_options() {
  local directory=$1
  shift
  [[ $# -eq 0 || $(printf '%s\n' "$@") == "$(cat "$directory/options")" ]] ||
    fail "The part in $directory is running with other options: $(paste -sd ' ' "$directory/options")" "Stop it first: ${0##*/} down $directory"
}

# The file `part` is removed last. It marks the directory as the lab's, so an interrupted removal can be repeated.
remove_directory() {
  find "$1" -mindepth 1 -maxdepth 1 ! -name part -exec rm -rf --one-file-system {} +
  rm -rf --one-file-system "$1"
}

# Selects a port below the range from which the kernel assigns ports, so that it stays free while the part is stopped.
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    [[ -n $(ss -Htln "sport = :$port") ]] || break
  done
  echo "$port"
}

# ---- Processes

# start DIRECTORY NAME COMMAND…: starts a daemon. Its process id is written to NAME.pid, and its output to NAME.log.
start() {
  local directory=$1 name=$2
  shift 2
  (
    close_inherited
    cd /
    # A shell starts background commands with SIGINT and SIGQUIT ignored, and containers would inherit this.
    exec setsid env --default-signal "$@" </dev/null >>"$directory/$name.log" 2>&1
  ) &
  echo $! >"$directory/$name.pid"
  disown
}

# If a daemon inherited a pipe or a lock of the caller, the pipe would never end and the lock would never be released.
close_inherited() {
  local descriptor
  for descriptor in /proc/self/fd/*; do
    descriptor=${descriptor##*/}
    [[ $descriptor -le 2 ]] || eval "exec $descriptor>&-"
  done
}

# await DIRECTORY NAME SECONDS CHECK…: waits until CHECK succeeds for a part that was just started.
await() {
  local directory=$1 name=$2 seconds=$3 pid deadline
  shift 3
  pid=$(cat "$directory/$name.pid")
  deadline=$((SECONDS + seconds))
  until "$@"; do
    alive "$pid" || explain "$directory" "$name" "$name ended immediately after its start."
    [[ $SECONDS -lt $deadline ]] || explain "$directory" "$name" "$name did not respond within $seconds s."
    sleep 0.03
  done
}

explain() {
  local directory=$1 name=$2 problem=$3
  tail -n 60 "$directory/$name.log" >&2
  fail "$problem The last lines of its log, $directory/$name.log, are above." \
    "Correct the cause. Then run '${0##*/} down $directory', which removes what is left, and 'up' again."
}

alive() {
  local status
  { read -r status <"/proc/$1/stat"; } 2>/dev/null && [[ $status != *') Z '* ]]
}

gone() {
  local pid
  for pid; do
    ! alive "$pid" || return 1
  done
}

# recorded_pid DIRECTORY NAME: prints the recorded process id of a part, if that process is still running. The kernel
# reuses process ids, so the command line is checked too.
recorded_pid() {
  local directory=$1 name=$2 pid
  { read -r pid <"$directory/$name.pid"; } 2>/dev/null || return 1
  alive "$pid" && works_in "$pid" "$name" "$directory" && echo "$pid"
}

# works_in PID NAME DIRECTORY: whether the process's command line contains both. It is split at spaces, because sshd
# replaces its arguments by one string.
works_in() {
  local arguments words word
  { mapfile -d '' -t arguments <"/proc/$1/cmdline"; } 2>/dev/null || return 1
  read -r -a words <<<"${arguments[*]}" || true
  [[ " ${words[*]}" == *[\ /]"$2"* ]] || return 1
  for word in "${words[@]}"; do
    [[ $word != "$3"/* ]] || return 0
  done
  return 1
}

process_tree() {
  local pid
  for pid; do
    echo "$pid"
    # shellcheck disable=SC2046 # one process id per word
    process_tree $(pgrep -P "$pid")
  done
}

# terminate SECONDS PID…: sends SIGTERM, and SIGKILL to the processes that are still running after that time. SIGCONT is
# sent too, because a stopped process does not handle SIGTERM.
terminate() {
  local seconds=$1
  shift
  [[ $# -gt 0 ]] || return 0
  kill -TERM "$@" 2>/dev/null || true
  kill -CONT "$@" 2>/dev/null || true
  wait_until "$seconds" gone "$@" && return 0
  kill -KILL "$@" 2>/dev/null || true
  wait_until 5 gone "$@" || say "these processes are still running after SIGKILL: $*"
}

wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [[ $SECONDS -lt $deadline ]] || return 1
    sleep 0.03
  done
}

# ---- Engines

# engine_request SOCKET PATH [curl options…]. A path without a version selects the newest API that the engine supports.
engine_request() {
  local socket=$1 path=$2
  shift 2
  curl -sS --fail-with-body --max-time 60 --unix-socket "$socket" "$@" "http://docker$path"
}

engine_answers() {
  engine_request "$1" /_ping --max-time 2 >/dev/null 2>&1
}

# remove_containers SOCKET [QUERY]: removes all containers, or those that match the filter in QUERY.
remove_containers() {
  local socket=$1 query=${2:-} requests
  requests=$(engine_request "$socket" "/containers/json?all=1$query" |
    jq -r '.[] | "url = \"http://docker/containers/\(.Id)?force=1&v=1\""')
  [[ -n $requests ]] || return 0
  curl -sS --no-progress-meter --max-time 60 --parallel --parallel-max 16 --unix-socket "$socket" -X DELETE -K - <<<"$requests" >/dev/null
}
