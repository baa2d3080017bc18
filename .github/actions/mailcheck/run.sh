#!/usr/bin/env -S bash -p
# The step of the action: inputs (INPUT_…) → options, one run of mailcheck, outputs, and its exit code. Whatever an input
# holds stays one word or a value: nothing is evaluated, and every value is joined to its option, so that none of them can
# be taken for another option.
#
# The current folder is often the checkout of a pull request. Nothing in it is run or believed: mailcheck is installed or
# built elsewhere and run by its path, and files are read only where an input names them. A workflow that takes this action
# from the pull request (uses: ./…) has let the pull request run its own code.
set -euo pipefail

# The name on npm. This folder may be copied without package.json, so a test holds the two equal.
package=mailcheck-cli

wrong() {
  printf 'mailcheck: %s\n' "$1" >&2
  echo exit-code=2 >>"$GITHUB_OUTPUT"
  exit 2
}

# Words with spaces, commas or new lines between → the array `words`.
split() {
  words=()
  [[ -z ${1//[$' \t\r\n,']/} ]] || read -r -d '' -a words < <(tr -s ' \t\r,' '\n' <<<"$1") || true
}

# Lines → the array `words`; empty ones and the blanks around them are left out.
lines() {
  words=()
  local line
  while IFS=$' \t\r' read -r line; do
    [[ -z $line ]] || words+=("$line")
  done <<<"$1"
}

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=npm.sh
. "$here/npm.sh"

command -v node >/dev/null || wrong 'this runner has no Node: put actions/setup-node before this step'

# The address of the registry that is asked.
registry() {
  local registry=${INPUT_REGISTRY:-https://registry.npmjs.org/}
  [[ $registry =~ ^https?://[][A-Za-z0-9._:/-]+$ ]] || wrong 'registry: type an address such as https://registry.npmjs.org/'
  printf '%s' "$registry"
}

# Prints the folder of the checkout that holds this action. GitHub fetches all of the repository at the commit that a
# workflow names. Where somebody has copied the action alone, there is none.
own_checkout() {
  local root name
  root=$(cd -- "$here/../../.." && pwd -P) && [[ -x $root/.ci/build && -f $root/package.json ]] || return
  name=$("$node" -p 'JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")).name' "$root/package.json") || return
  [[ $name == "$package" ]] && printf '%s' "$root"
}

# Builds the checkout that holds this action, unless a step before this one has, or a release.
build() {
  local registry
  [[ -z ${INPUT_INTEGRITY:-} ]] || wrong 'integrity: name the version that has it too'
  registry=$(registry) || exit
  checkout=$(own_checkout) || wrong 'version: type an exact one, such as 0.1.0. This action stands alone, so it has no checkout of mailcheck to run'
  # The schemas are what a build writes last.
  [[ -f $checkout/dist/config.schema.json ]] || MAILCHECK_REGISTRY=$registry "$checkout/.ci/build" --no-types >&2 || wrong 'the checkout that holds this action cannot be built'
}

# Installs one exact version into a new folder, for which this script writes package.json and package-lock.json. npm
# compares what it fetches with the digest that the lock file has, or else with the one that the registry names.
install() {
  local registry integrity=${INPUT_INTEGRITY:-} locked=
  [[ $INPUT_VERSION =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || wrong 'version: type an exact one, such as 0.1.0'
  [[ -z $integrity || $integrity =~ ^sha512-[A-Za-z0-9+/]{86}==$ ]] || wrong 'integrity: type the one digest that npm view prints, sha512-…'
  registry=$(registry) || exit
  [[ $registry == https://* || -n $integrity ]] || wrong 'registry: over http, integrity must be given too'
  [[ -z $integrity ]] || locked=", \"integrity\": \"$integrity\""
  printf '{ "private": true, "dependencies": { "%s": "%s" } }\n' "$package" "$INPUT_VERSION" >"$folder/package.json"
  printf '{ "lockfileVersion": 3, "requires": true, "packages": { "": { "dependencies": { "%s": "%s" } }, "node_modules/%s": { "version": "%s"%s } } }\n' \
    "$package" "$INPUT_VERSION" "$package" "$INPUT_VERSION" "$locked" >"$folder/package-lock.json"
  own_npm "$folder" "$registry" ci >&2 || wrong "version: $package@$INPUT_VERSION could not be installed from $registry"
}

# A version manager may choose another Node.js in the folder of a project.
folder=$(mktemp -d "$RUNNER_TEMP/mailcheck.XXXXXX")
node=$(cd -- "$folder" && node -p process.execPath)
if [[ -n $INPUT_PATH ]]; then
  [[ -f $INPUT_PATH/dist/cli.js ]] || wrong 'path: there is no dist/cli.js in that folder. Build it there: .ci/build'
  program=$(cd -- "$INPUT_PATH" && pwd -P)/dist/cli.js
elif [[ -z $INPUT_VERSION ]]; then
  build
  program=$checkout/dist/cli.js
else
  install
  program=$folder/node_modules/$package/dist/cli.js
  [[ -f $program ]] || wrong "version: $package@$INPUT_VERSION holds no dist/cli.js"
fi

directory=$INPUT_OUTPUT_DIR
[[ -n $directory ]] || directory=$(mktemp -d "$RUNNER_TEMP/mailcheck.XXXXXX")
# A link may lead anywhere, so the place is judged before anything is made in it. What is named in one of these folders
# must be in it by its real path too, and a relative name in the first. Another place is the workflow's own choice.
directory=$("$node" -e '
const { lstatSync, realpathSync } = require("node:fs");
const { basename, dirname, isAbsolute, join, resolve, sep } = require("node:path");
const isIn = (place, root) => (place + sep).startsWith(root.endsWith(sep) ? root : root + sep);
const real = (place) => {
  if (lstatSync(place, { throwIfNoEntry: false }) !== undefined || dirname(place) === place) return realpathSync(place);
  return join(real(dirname(place)), basename(place));
};
const [given, ...folders] = process.argv.slice(1);
const place = resolve(given);
let end;
try { end = real(place); } catch { process.exit(4); }
const roots = folders.map((folder) => [resolve(folder), realpathSync(folder)]);
const held = roots.filter((root, index) => (index === 0 && !isAbsolute(given)) || root.some((name) => isIn(place, name)));
if (!held.every((root) => isIn(end, root[1]))) process.exit(5);
process.stdout.write(end);
' -- "$directory" "$(pwd -P)" "${GITHUB_WORKSPACE:-.}" "$RUNNER_TEMP") || case $? in
  5) wrong 'output-dir: a link leads out of the current folder, the workspace or the temporary folder' ;;
  *) wrong 'output-dir: the folder cannot be made' ;;
esac
mkdir -p -- "$directory" || wrong 'output-dir: the folder cannot be made'
directory=$(cd -- "$directory" && pwd -P)
report=$directory/mailcheck.json
# A report of an earlier run must not be read as the one of this run.
rm -f -- "$report" || wrong 'output-dir: mailcheck.json in it cannot be replaced'

options=(--no-config --format=github "--format=json=$report")
sarif=
split "$INPUT_FORMATS"
for format in ${words[@]+"${words[@]}"}; do
  case $format in
    json) ;;
    junit) options+=("--format=junit=$directory/mailcheck.junit.xml") ;;
    sarif) sarif=$directory/mailcheck.sarif && options+=("--format=sarif=$sarif") ;;
    markdown) options+=("--format=markdown=$directory/mailcheck.md") ;;
    html) options+=("--format=html=$directory/mailcheck.html") ;;
    *) wrong 'formats: type some of json, junit, sarif, markdown, html' ;;
  esac
done
[[ -z $INPUT_HELO ]] || options+=("--helo=$INPUT_HELO")
split "$INPUT_SELECTORS"
for selector in ${words[@]+"${words[@]}"}; do options+=("--selector=$selector"); done
lines "$INPUT_ZONE"
for file in ${words[@]+"${words[@]}"}; do options+=("--zone=$file"); done
[[ -z $INPUT_FAIL_ON ]] || options+=("--fail-on=$INPUT_FAIL_ON")
[[ -z $INPUT_CONFIG ]] || options+=("--config=$INPUT_CONFIG")
case $INPUT_ALLOW_INCONCLUSIVE in
  '') ;;
  # --quiet comes behind it, or it would take the next word for its value.
  all) options+=(--allow-inconclusive) ;;
  *) options+=("--allow-inconclusive=$INPUT_ALLOW_INCONCLUSIVE") ;;
esac
options+=(--quiet)
lines "$INPUT_ARGS"
options+=(${words[@]+"${words[@]}"})

operands=()
if [[ -n $INPUT_DOMAIN ]]; then
  # The first word may be a command of mailcheck too, and such a run would end well without a check. None has a dot.
  [[ $INPUT_DOMAIN == *.* ]] || wrong 'domain: that is not a mail domain. Type one such as example.com'
  operands+=("$INPUT_DOMAIN")
elif [[ -z $INPUT_CONFIG ]]; then
  wrong 'domain: type one, or name a configuration file that has some (config)'
fi
split "$INPUT_IPS"
operands+=(${words[@]+"${words[@]}"})

code=0
"$node" "$program" "${options[@]}" -- ${operands[@]+"${operands[@]}"} || code=$?

verdict=
if [[ -f $report ]]; then
  verdict=$("$node" -p 'JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")).verdict' "$report")
else
  report=
  # Without a report nothing was checked, whatever an option has made of the run. Node.js too ends with 1, which
  # would say that a check failed.
  [[ $code -gt 1 ]] || code=2
fi
# A value can end at nothing but the delimiter, which it cannot know.
[[ -f $sarif ]] || sarif=
delimiter=$("$node" -p 'require("node:crypto").randomUUID()')
output() { printf '%s<<%s\n%s\n%s\n' "$1" "$delimiter" "$2" "$delimiter" >>"$GITHUB_OUTPUT"; }
output verdict "$verdict"
output exit-code "$code"
output report "$report"
output report-dir "$directory"
output sarif "$sarif"
exit "$code"
