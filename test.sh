#!/usr/bin/env bash
# Installs what the tests need, builds with warnings as errors, runs every test project and ends with "N passed, N failed".
# Exit code 0 only when something ran and nothing failed, was skipped or died on the way.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
exec </dev/null

configuration=Release
results=$(mktemp -d)
policy=
passed=0
failed=0
failures=()

finish() {
  rm -rf "$results"
  remove_policy
}
trap finish EXIT
trap 'exit 130' INT TERM

say() { printf '%s\n' "$*"; }

stop() {
  say "$*" >&2
  say "$passed passed, $((failed + 1)) failed"
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

has_postgres() {
  command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

# Debian starts a service that it installs, unless this file says no. The tests start their own servers.
forbid_services() {
  [ -e /usr/sbin/policy-rc.d ] && return
  printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null && policy=/usr/sbin/policy-rc.d
  as_root chmod +x /usr/sbin/policy-rc.d
}

remove_policy() {
  if [ -n "$policy" ]; then as_root rm -f "$policy"; fi
  policy=
}

install_servers() {
  local missing=()
  command -v redis-server >/dev/null || missing+=(redis-server)
  has_postgres || missing+=(postgresql)
  command -v chromium >/dev/null || missing+=(chromium)
  [ ${#missing[@]} -eq 0 ] && return
  local line="apt-get install -y ${missing[*]}"
  command -v apt-get >/dev/null || stop "The tests need ${missing[*]} and this machine has no apt-get: install them and start again."
  if [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null; then
    stop "The tests need ${missing[*]} and this user may not install: run 'sudo $line' and start again."
  fi
  say "installing ${missing[*]}"
  forbid_services
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >"$results/apt.log" 2>&1 &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q "${missing[@]}" >>"$results/apt.log" 2>&1
  local code=$?
  remove_policy
  if [ $code -ne 0 ]; then
    tail -n 20 "$results/apt.log" >&2
    stop "'$line' failed: install ${missing[*]} and start again."
  fi
}

build() {
  say "building ($configuration, warnings are errors)"
  # Into a file: a build server that outlives the build must not hold this script's output open.
  if ! dotnet build ScaleKit.sln -c "$configuration" -nologo -v q -tl:off -clp:NoSummary -nodeReuse:false -warnaserror >"$results/build.log" 2>&1; then
    sort -u "$results/build.log" | tail -n 60 >&2
    stop "The build failed."
  fi
}

unescape() { sed -e 's/&lt;/</g' -e 's/&gt;/>/g' -e 's/&quot;/"/g' -e "s/&#39;/'/g" -e 's/&#x[0-9A-Fa-f]*;/?/g' -e 's/&amp;/\&/g'; }

# One attribute of the first <Counters> element; the result file is the only source, the console is for people.
counter() {
  local value
  value=$(grep -o '<Counters [^>]*>' "$1" | head -n 1 | sed -n "s/.* $2=\"\([0-9]*\)\".*/\1/p")
  say "${value:-0}"
}

fail() {
  failed=$((failed + 1))
  failures+=("$1")
}

run_project() {
  local project=$1 name trx ran good code
  name=$(basename "$project" .csproj)
  trx="$results/$name.trx"
  dotnet test "$project" -c "$configuration" --no-build --nologo --logger "trx;LogFileName=$name.trx" \
    --results-directory "$results" --blame-hang-timeout 10m --blame-hang-dump-type none >"$results/$name.log" 2>&1
  code=$?
  ran=0
  good=0
  if [ -f "$trx" ]; then
    ran=$(counter "$trx" total)
    good=$(counter "$trx" passed)
    while IFS= read -r test; do
      fail "$name: $test"
    done < <(grep '<UnitTestResult ' "$trx" | grep -v 'outcome="Passed"' |
      sed -n 's/.* testName="\([^"]*\)".* outcome="\([^"]*\)".*/\1 [\2]/p' | unescape)
  fi
  passed=$((passed + good))
  say "$name: $good of $ran passed"
  if [ "$code" -ne 0 ] && [ "$good" -eq "$ran" ]; then
    fail "$name: the test run ended with exit code $code before its end"
  elif [ "$ran" -eq 0 ] && grep -rqE --include='*.cs' '^ *\[(Fact|Theory)' "$(dirname "$project")"; then
    fail "$name: has tests, and none ran"
  fi
  if [ "$code" -ne 0 ]; then
    # What the runner said, without the stack frames of the runner itself.
    grep -vE '^ +at (System|Xunit|Microsoft)\.' "$results/$name.log" | tail -n 200 >&2
  fi
}

command -v dotnet >/dev/null || stop "The .NET SDK that global.json names is needed, and there is no dotnet on the PATH."
install_servers
build
for project in tests/*.Tests/*.csproj; do
  run_project "$project"
done

[ ${#failures[@]} -gt 0 ] && printf 'FAILED %s\n' "${failures[@]}"
say "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
