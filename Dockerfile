# tamer in a container: one static binary, and git. Data and the default sink are in /var/lib/tamer.
#
#   docker build -t tamer .
#   docker run --init -p 3000:3000 -v tamer:/var/lib/tamer --env-file tamer.env tamer

FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -o /tamer ./cmd/tamer

FROM debian:12.12-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates curl git \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /var/lib/tamer --create-home --shell /usr/sbin/nologin tamer
COPY --from=build /tamer /usr/local/bin/tamer
USER 10001
WORKDIR /var/lib/tamer
VOLUME /var/lib/tamer
ENV TAMER_DATA_DIR=/var/lib/tamer TAMER_LISTEN=:3000
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:3000/healthz"]
ENTRYPOINT ["tamer"]
CMD ["serve"]
