# The command in an image: docs/container.md says how to run it.
#
#   docker build --tag mailcheck --build-arg SOURCE=<address of this repository> .
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
# The registry of npm, its own when empty.
ARG MAILCHECK_REGISTRY=
WORKDIR /src
# .dockerignore lets nothing in but what the build reads.
COPY . .
# The command needs neither the manual page nor the type declarations.
RUN .ci/build --no-types && rm -r dist/man && cp LICENSE dist/

FROM ${NODE_IMAGE}
ARG SOURCE=
ARG REVISION=
LABEL org.opencontainers.image.title="mailcheck" \
  org.opencontainers.image.description="Will mail sent from this IP for this domain be accepted?" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.source="${SOURCE}" \
  org.opencontainers.image.revision="${REVISION}"
# The package managers of the base image are not needed to run. A volume at /cache gets the owner of the folder.
RUN rm -rf /usr/local/lib/node_modules /opt/yarn-* \
  && rm -f /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg \
  && mkdir -m 700 /cache && chown 10001:10001 /cache
COPY --from=build /src/dist /opt/mailcheck/dist
ENV XDG_CACHE_HOME=/cache
WORKDIR /work
USER 10001:10001
ENTRYPOINT ["node", "/opt/mailcheck/dist/cli.js"]
