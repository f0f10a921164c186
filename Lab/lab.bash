# What the lab's scripts share: messages, the directory of a part, and processes that are found by what was recorded.
# shellcheck shell=bash
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin # daemons live there, and not everybody's PATH does
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
    command -v "$command" >/dev/null || fail "There is no $command on this machine." "Run Lab/setup, then this again."
  done
}

hash_of() {
  local digest
  digest=$(printf %s "$1" | sha256sum)
  echo "${digest:0:8}"
}

# ---- Where the parts live

lab_directory() {
  local checkout
  checkout=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
  realpath -m -- "${BERTH_LAB_DIR:-/tmp/bl-$(hash_of "$checkout")}"
}

# Enters the directory of a part, made if it is missing, and holds its lock until the script ends.
claim() {
  local directory=$1 kind=$2
  [[ $directory != *[[:space:]]* ]] || fail "'$directory' has a space in it, which sshd's configuration would not bear: choose another."
  lock_directory "$directory"
  [[ -O $directory ]] || fail "$directory belongs to somebody else." "Remove it, or choose another directory."
  [[ -n $(ls -A "$directory") ]] || echo "$kind" >"$directory/part"
  [[ $(cat "$directory/part" 2>/dev/null) == "$kind" ]] ||
    fail "$directory holds something that is not the lab's $kind: left alone." "Choose an empty directory."
}

lock_directory() {
  local lock
  while :; do
    [[ -d $1 ]] || (umask 077 && mkdir -p "$1")
    exec {lock}<"$1"
    flock --wait 120 "$lock" || fail "Another script has held $1 for two minutes: end it, then run this again."
    # Whoever held it may have removed it.
    [[ $1 -ef /proc/self/fd/$lock ]] && return
    exec {lock}<&-
  done
}

# check_options DIRECTORY [OPTION…]: an `up` shall not pretend to have given options to what runs with others.
check_options() {
  local directory=$1
  shift
  [[ $# -eq 0 || $(printf '%s\n' "$@") == "$(cat "$directory/options")" ]] ||
    fail "What runs in $directory was started with other options, namely: $(paste -sd ' ' "$directory/options")" "Take it down first: ${0##*/} down $directory"
}

# What says whose it is goes last, so that an interrupted removal can be run again.
remove_directory() {
  find "$1" -mindepth 1 -maxdepth 1 ! -name part -exec rm -rf --one-file-system {} +
  rm -rf --one-file-system "$1"
}

# Ports below the range that the kernel hands out by itself stay free while a part is stopped.
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    [[ -n $(ss -Htln "sport = :$port") ]] || break
  done
  echo "$port"
}

# ---- Processes

# start DIRECTORY NAME COMMAND…: leaves it running on its own, with its process id in NAME.pid and its output in NAME.log.
start() {
  local directory=$1 name=$2
  shift 2
  (
    close_inherited
    cd /
    # A shell lets what it starts in the background ignore SIGINT and SIGQUIT, and containers would inherit that.
    exec setsid env --default-signal "$@" </dev/null >>"$directory/$name.log" 2>&1
  ) &
  echo $! >"$directory/$name.pid"
  disown
}

# A pipe or a lock of the caller that stayed open in a daemon would never end for the caller.
close_inherited() {
  local descriptor
  for descriptor in /proc/self/fd/*; do
    descriptor=${descriptor##*/}
    [[ $descriptor -le 2 ]] || eval "exec $descriptor>&-"
  done
}

# await DIRECTORY NAME SECONDS CHECK…: until a part that was just started answers.
await() {
  local directory=$1 name=$2 seconds=$3 pid deadline
  shift 3
  pid=$(cat "$directory/$name.pid")
  deadline=$((SECONDS + seconds))
  until "$@"; do
    alive "$pid" || explain "$directory" "$name" "$name ended as soon as it was started."
    [[ $SECONDS -lt $deadline ]] || explain "$directory" "$name" "$name did not answer within $seconds s."
    sleep 0.03
  done
}

explain() {
  local directory=$1 name=$2 problem=$3
  tail -n 60 "$directory/$name.log" >&2
  fail "$problem The last lines of its log, $directory/$name.log, are above." \
    "Mend what they say; then '${0##*/} down $directory' removes what is left, and 'up' tries again."
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

# The process that was recorded for a part, if it is still that one: ids come round again.
recorded_pid() {
  local directory=$1 name=$2 pid
  { read -r pid <"$directory/$name.pid"; } 2>/dev/null || return 1
  alive "$pid" && works_in "$pid" "$name" "$directory" && echo "$pid"
}

# works_in PID NAME DIRECTORY: the command line names both. sshd rewrites its own into one string, so look at words.
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
    # shellcheck disable=SC2046 # one id a word
    process_tree $(pgrep -P "$pid")
  done
}

# terminate SECONDS PID…: SIGTERM, and SIGKILL for what is still there after that time. A stopped process hears neither
# unless it is woken.
terminate() {
  local seconds=$1
  shift
  [[ $# -gt 0 ]] || return 0
  kill -TERM "$@" 2>/dev/null || true
  kill -CONT "$@" 2>/dev/null || true
  wait_until "$seconds" gone "$@" && return 0
  kill -KILL "$@" 2>/dev/null || true
  wait_until 5 gone "$@" || say "these processes survive SIGKILL: $*"
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

# engine_request SOCKET PATH [curl options…]. Unversioned paths mean the newest API that the engine speaks.
engine_request() {
  local socket=$1 path=$2
  shift 2
  curl -sS --fail-with-body --max-time 60 --unix-socket "$socket" "$@" "http://docker$path"
}

engine_answers() {
  engine_request "$1" /_ping --max-time 2 >/dev/null 2>&1
}

# remove_containers SOCKET [QUERY]: all of them, or those that a filter names.
remove_containers() {
  local socket=$1 query=${2:-} requests
  requests=$(engine_request "$socket" "/containers/json?all=1$query" |
    jq -r '.[] | "url = \"http://docker/containers/\(.Id)?force=1&v=1\""')
  [[ -n $requests ]] || return 0
  curl -sS --no-progress-meter --max-time 60 --parallel --parallel-max 16 --unix-socket "$socket" -X DELETE -K - <<<"$requests" >/dev/null
}
