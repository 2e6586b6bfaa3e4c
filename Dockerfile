# dockless on one machine, with its data in /data: docs/container.md

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev

FROM node:24-slim
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY bin bin
COPY lib lib
# All that the server writes to lies in /data; compiled code goes beside the dependencies.
RUN mkdir /data node_modules/.cache && chown node:node /data node_modules/.cache
USER node
# Compiles once here what every start would compile otherwise.
RUN ["node", "bin/dockless.js", "--version"]
ENV DOCKLESS_HOST=0.0.0.0 DOCKLESS_DATA=/data
VOLUME /data
EXPOSE 5000
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s \
  CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.DOCKLESS_PORT ?? 5000}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# No shell in between, so that signals reach the server.
ENTRYPOINT ["node", "bin/dockless.js"]
CMD ["serve"]
