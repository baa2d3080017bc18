#!/usr/bin/env bash
# base-image.sh FOLDER NODE: fills the folder with a small Debian of this machine's own files, without a download. It has
# the essential packages, apt with the package lists that are here, the given node, and a program in the place of npm. The
# lab builds the images of the project from it.
set -euo pipefail
folder=$1
node=$2

essential=$(dpkg-query --show --showformat '${Essential} ${Package}\n' | sed -n 's/^yes //p')
# The packages that these need; of alternatives, those that are installed.
# shellcheck disable=SC2086
closure=$(apt-cache depends --recurse --installed --no-recommends --no-suggests --no-conflicts --no-breaks \
  --no-replaces --no-enhances $essential apt libstdc++6 mawk | grep '^[a-z]' | sort -u)
# shellcheck disable=SC2086
packages=$(dpkg-query --show --showformat '${db:Status-Abbrev} ${binary:Package}\n' $closure 2>/dev/null |
  sed -n 's/^ii *//p' || true)

{
  # /bin, /sbin and /lib are links to the folders in /usr.
  # shellcheck disable=SC2086
  dpkg-query --listfiles $packages |
    sed -nE 's#^/(bin|sbin|lib|lib64)/#/usr/\1/#; \#^/usr/share/(doc|man|locale|info)/#d; /^\//p'
  for package in $packages; do
    for name in "$package" "${package%:*}"; do compgen -G "/var/lib/dpkg/info/$name.*" || true; done
  done
  find /etc/alternatives /etc/apt /usr/share/keyrings /var/lib/apt/lists /var/lib/dpkg/alternatives
  find /usr/bin -lname '/etc/alternatives/*'
  printf '%s\n' /etc/passwd /etc/group /etc/shadow /etc/gshadow
} | sort -u | tar -C / --no-recursion --ignore-failed-read -cf - -T - 2>/dev/null | tar -C "$folder" -xf -
# shellcheck disable=SC2086
dpkg-query --status $packages >"$folder/var/lib/dpkg/status"

# npm installs nothing: the packages are mounted where it would put them.
npm=usr/local/lib/node_modules/npm/bin/npm-cli.js
mkdir -p "$folder/usr/local/bin" "$folder/$(dirname "$npm")"
cp "$node" "$folder/usr/local/bin/node"
printf '#!/bin/sh\n[ "$1" = ci ] && [ -d node_modules/esbuild ]\n' >"$folder/$npm"
chmod +x "$folder/$npm"
ln -s "/$npm" "$folder/usr/local/bin/npm"
