# Build:  docker build --build-arg VERSION=0.1.0 --build-arg REVISION=$(git rev-parse HEAD) --tag finrst .
#
# Both bases are arguments, so that a mirror, a digest or a test's stand-in can take their place.
# Node 24 is the LTS line that every test of this project runs on. Distroless has no shell and no package manager.
ARG NODE_BUILD=docker.io/library/node:24-trixie-slim
ARG NODE_RUNTIME=gcr.io/distroless/nodejs24-debian13:nonroot

FROM ${NODE_BUILD} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --ignore-scripts --no-audit --no-fund
# The bill of materials is made before the packages lose what only compilers and readers need; licences stay.
# (npm calls packages that were left out missing, so the manifest must not name them either.)
RUN npm pkg delete devDependencies \
    && npm sbom --sbom-format=cyclonedx > sbom.cdx.json \
    && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.md' -o -name '*.tsbuildinfo' \) \
        ! -iname 'licen*' -delete

FROM ${NODE_BUILD} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm \
    npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/launch.cjs scripts/
COPY src src
RUN npm run build

FROM ${NODE_RUNTIME}
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="finrst" \
      org.opencontainers.image.description="Holds long-lived TCP connections, names why each one ended, and exports it as Prometheus metrics and OpenTelemetry spans." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"
ENV NODE_ENV=production \
    MALLOC_ARENA_MAX=2 \
    FINRST_REVISION=${REVISION}
WORKDIR /app
COPY --from=packages /app/package.json /app/sbom.cdx.json ./
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
# What `finrst explain` prints.
COPY docs/reasons.md docs/reasons.md
# So that `kubectl exec POD -- finrst check ...` and `docker exec` find it.
COPY --chmod=755 deploy/image/finrst /usr/local/bin/finrst
# Numeric: Kubernetes cannot tell from a name that it is not root. It is distroless' "nonroot".
USER 65532:65532
EXPOSE 10346
# For Docker and Compose; Kubernetes ignores it and asks the web port itself.
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s CMD ["/nodejs/bin/node", "/app/dist/main.js", "healthcheck"]
# The bounds of memory, MALLOC_ARENA_MAX and V8's space for short-lived objects, are those of scripts/launch.cjs.
# Finrst handles SIGTERM and SIGINT itself and starts no processes: as PID 1 it needs no init.
ENTRYPOINT ["/nodejs/bin/node", "--enable-source-maps", "--max-semi-space-size=8", "/app/dist/main.js"]
