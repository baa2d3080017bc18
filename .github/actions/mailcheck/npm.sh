# Sourced by run.sh and .ci/build. Defines a npm that believes nobody but them: no configuration of the user, the machine,
# the environment or a project, no cache that another job has filled, no workspace that a parent folder declares.

# What decides how Bash, Node.js and npm start. A workflow sets it for its own programs, and mailcheck is none of them.
unset BASH_ENV ENV CDPATH GLOBIGNORE NODE_OPTIONS NODE_PATH NODE_ENV
while IFS= read -r name; do
  case $name in
    [Nn][Pp][Mm]_*) unset "$name" ;;
  esac
done < <(compgen -e)

# Programs are found in absolute folders alone. A relative one is a folder of whoever filled the current one.
absolute_path() {
  local folder path=
  local IFS=:
  set -f
  for folder in $PATH; do
    [[ $folder != /* ]] || path=${path:+$path:}$folder
  done
  set +f
  printf '%s' "$path"
}
PATH=$(absolute_path)
export PATH

# own_npm FOLDER REGISTRY WORD…: runs npm in the folder, which has its own package.json and package-lock.json.
own_npm() {
  local folder=$1 registry=$2 home status=0
  shift 2
  home=$(mktemp -d) || return
  : >"$home/user" && : >"$home/global" && mkdir "$home/cache"
  (
    cd -- "$folder"
    NPM_CONFIG_USERCONFIG=$home/user NPM_CONFIG_GLOBALCONFIG=$home/global \
      npm "$@" --prefix=. --registry="$registry" --cache="$home/cache" --ignore-scripts --no-workspaces \
      --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000 --no-audit --no-fund --no-update-notifier \
      --loglevel=error
  ) || status=$?
  rm -rf -- "$home"
  return "$status"
}
