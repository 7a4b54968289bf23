# Civitas as an image: `docker build -t civitas .`
# It takes its settings from the environment (docs/settings.md) and says all that is missing at its start.

FROM node:24.11.1-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json tsconfig.build.json tsconfig.client.json ./
COPY scripts scripts
COPY src src
COPY migrations migrations
COPY seeds seeds
# `prepare` compiles into dist.
RUN npm ci --no-audit --no-fund

FROM node:24.11.1-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# No scripts: there is no compiler here, and no dependency needs one.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24.11.1-slim
# /metrics answers at a port of its own, which nothing publishes.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 METRICS_PORT=9090 DATA_DIR=/data
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY config config
# The command line by its name: `docker compose run --rm api civitas --help`.
RUN mkdir /data && chown node:node /data && ln -s /app/dist/src/cli/civitas.js /usr/local/bin/civitas
USER node
VOLUME /data
EXPOSE 8080
# Ready: the database is reachable and migrated. The image has no curl; Node can ask.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1 and hears SIGTERM: running requests finish, then it ends with 0.
CMD ["node", "dist/src/main.js"]
