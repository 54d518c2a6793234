# Three stages: the command center, the server, and what runs: Debian with Chromium, as a user without rights.

FROM node:22-bookworm-slim AS frontend
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM rust:1.95-bookworm AS server
WORKDIR /build
COPY .cargo .cargo
COPY Cargo.toml Cargo.lock ./
COPY src src
COPY migrations migrations
COPY config config
COPY tests tests
COPY --from=frontend /build/frontend/dist frontend/dist
RUN cargo build --release --locked

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends chromium-headless-shell ca-certificates curl tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 whatsmassive \
    && install -d -o whatsmassive -g whatsmassive /var/lib/whatsmassive
COPY --from=server /build/target/release/whatsmassive /usr/local/bin/whatsmassive
USER whatsmassive
WORKDIR /var/lib/whatsmassive
VOLUME /var/lib/whatsmassive
ENV WHATSMASSIVE__SERVER__LISTEN=0.0.0.0:8080 WHATSMASSIVE__DATA__DIR=/var/lib/whatsmassive
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD curl -fsS http://127.0.0.1:8080/healthz || exit 1
# tini reaps what a killed browser leaves behind; Chromium's sandbox needs user namespaces: see README, "Docker".
ENTRYPOINT ["tini", "--", "whatsmassive"]
CMD ["serve"]
