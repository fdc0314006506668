# One image for all six services and for the commands prepare-stores, tenant, verify, rebuild, audit and where, which share their
# packages.
#
#   docker build -t switchboard .
#   docker run --env-file ingest.env -p 8080:8080 switchboard services/ingest/src/main.ts
#
# docs/configuration.md lists what each of them is told by its environment.

FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
# Manifests alone, so that this stage is made anew only when a dependency changes. Engines, tests and the launcher of
# `npm start` are not among them: what only they need is not installed.
COPY package.json package-lock.json ./
COPY schemas/package.json schemas/
COPY packages/clickhouse/package.json packages/clickhouse/
COPY packages/domain/package.json packages/domain/
COPY packages/kafka/package.json packages/kafka/
COPY packages/media/package.json packages/media/
COPY packages/platform/package.json packages/platform/
COPY packages/postgres/package.json packages/postgres/
COPY services/api/package.json services/api/
COPY services/enrich/package.json services/enrich/
COPY services/ingest/package.json services/ingest/
COPY services/jobs/package.json services/jobs/
COPY services/sink/package.json services/sink/
COPY infra/prepare/package.json infra/prepare/
RUN npm ci --workspaces --include-workspace-root=false --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8080 \
    SCHEMA_CACHE_DIR=/var/cache/switchboard/schemas \
    RECORDINGS_URL=/var/lib/switchboard/recordings
WORKDIR /app
# The first process of a container can't be ended from inside, not even by itself: tini is that, so that a service that hangs can
# end itself.
RUN apt-get update && apt-get install --yes --no-install-recommends tini && rm -rf /var/lib/apt/lists/*
# The only places that a service writes to; volumes keep them.
RUN mkdir -p /var/cache/switchboard /var/lib/switchboard/recordings \
    && chown 1000:1000 /var/cache/switchboard /var/lib/switchboard/recordings
# Files belong to root: the process can read them and not change them.
COPY --from=dependencies /app ./
COPY schemas schemas
COPY packages/clickhouse packages/clickhouse
COPY packages/domain packages/domain
COPY packages/kafka packages/kafka
COPY packages/media packages/media
COPY packages/platform packages/platform
COPY packages/postgres packages/postgres
COPY services services
COPY infra/clickhouse infra/clickhouse
COPY infra/prepare infra/prepare
# The base image's `node`, by number: Kubernetes can tell then that it is not root.
USER 1000:1000
EXPOSE 8080
# Whether the process lives; whether it could work now is what /readyz tells a load balancer.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["node", "packages/platform/src/check-health.ts"]
# Young objects in 3 x 8 MiB: as fast, and a service needs much less memory (docs/benchmarks.md). Exposed, the collector
# is called when a service has become idle.
ENTRYPOINT ["tini", "--", "node", "--max-semi-space-size=8", "--expose-gc"]
CMD ["services/ingest/src/main.ts"]
