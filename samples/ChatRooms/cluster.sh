#!/usr/bin/env bash
# Three nodes of ChatRooms on one Redis, behind one address. People chat, half-way one node is killed (kill -9), and at the end it is
# checked that no acknowledged message is lost, nobody in a room missed one, no cap and no limit was exceeded.
# Usage: samples/ChatRooms/cluster.sh [--seconds N] [--simulate N]     Last line: RESULT ...; exit code 0 when every promise held.
set -euo pipefail

seconds=30 people=120
while [ $# -gt 0 ]; do
  case $1 in
    --seconds) seconds=$2; shift 2 ;;
    --simulate) people=$2; shift 2 ;;
    *) echo "cluster.sh: unknown option '$1'; it takes --seconds N and --simulate N" >&2; exit 2 ;;
  esac
done
command -v redis-server > /dev/null || { echo "cluster.sh: redis-server is missing: apt-get install redis-server" >&2; exit 2; }

# CHATROOMS names a program that is built already; without it, what 'dotnet run' has built.
here=$(cd "$(dirname "$0")" && pwd)
chat=${CHATROOMS:-$here/bin/Debug/net10.0/ChatRooms.dll}
[ -n "${CHATROOMS:-}" ] || dotnet build "$here" -nologo -v q -clp:NoSummary

# Caps that a small crowd reaches.
export ScaleKit__Admission__RoomCapacity=${ScaleKit__Admission__RoomCapacity:-4}
export ScaleKit__Admission__ActiveRooms=${ScaleKit__Admission__ActiveRooms:-10}
export ScaleKit__Admission__TotalCapacity=${ScaleKit__Admission__TotalCapacity:-36}

# An empty Redis admits nobody for one lease, and the seats of a killed node come back after one: short, to be seen in a short run.
export ScaleKit__Admission__StoreLease=${ScaleKit__Admission__StoreLease:-00:00:03}

folder=$(mktemp -d)
processes=()
finish() {
  for process in "${processes[@]}"; do kill "$process" 2> /dev/null || true; done
  wait
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM

# Waits until the program of that name and process has printed its first line "NAME: URL", and says the URL.
address_in() {
  local url
  while kill -0 "$2" 2> /dev/null; do
    url=$(sed -n 's/^ChatRooms[^:]*: \(http.*\)\/$/\1/p' "$folder/$1.log")
    [ -z "$url" ] || { echo "$url"; return; }
    sleep 0.1
  done
  echo "cluster.sh: $1 did not start:" >&2
  cat "$folder/$1.log" >&2
  return 1
}

start() {
  local name=$1
  shift
  dotnet "$chat" "$@" --urls http://127.0.0.1:0 > "$folder/$name.log" 2>&1 &
  processes+=($!)
}

for _ in $(seq 20); do
  port=$((20000 + RANDOM % 12000))
  redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" > "$folder/redis.log" 2>&1 &
  redis=$!
  until grep -q 'Ready to accept' "$folder/redis.log" 2> /dev/null || ! kill -0 "$redis" 2> /dev/null; do sleep 0.05; done
  kill -0 "$redis" 2> /dev/null && break
done
processes+=("$redis")
echo "Redis on 127.0.0.1:$port"

nodes=
for number in 1 2 3; do
  start "node$number" --redis "127.0.0.1:$port" --data "$folder/data" --simulate 0
done
for number in 1 2 3; do
  url=$(address_in "node$number" "${processes[$number]}")
  echo "node $number on $url, process ${processes[$number]}"
  nodes=${nodes:+$nodes,}$url
done
start proxy --proxy "$nodes"
address=$(address_in proxy "${processes[4]}")
echo "all three behind $address"

dotnet "$chat" --drive "$address" --data "$folder/data" --seconds "$seconds" --simulate "$people" > "$folder/drive.log" 2>&1 &
drive=$!
processes+=("$drive")
sleep $((seconds / 2))
kill -9 "${processes[2]}"
wait "${processes[2]}" 2> /dev/null || true
echo "node 2 was killed after $((seconds / 2)) s"
code=0
wait "$drive" || code=$?
grep -h -E '^ *(fail|crit):' "$folder"/node*.log || true
cat "$folder/drive.log"
exit $code
