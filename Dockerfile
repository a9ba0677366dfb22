# tamer in a container: one static binary, git, and a root that may be read only. Data and the default sink are in /var/lib/tamer.
#
#   docker build --build-arg VERSION=v1.2.3 -t tamer .
#   docker run --read-only --tmpfs /tmp -p 3000:3000 -v tamer:/var/lib/tamer --env-file tamer.env tamer
#
# For a base of your own: --build-arg GO_IMAGE=… --build-arg BASE_IMAGE=…; the second one must be a Debian.
ARG GO_IMAGE=golang:1.26.8-bookworm
ARG BASE_IMAGE=debian:12.12-slim

FROM ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=
ARG COMMIT=
ARG DATE=
ARG PACKAGE=github.com/tamerhq/tamer/internal/app
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false \
    -ldflags "-s -w -X $PACKAGE.version=$VERSION -X $PACKAGE.commit=$COMMIT -X $PACKAGE.date=$DATE" -o /tamer ./cmd/tamer

# git without what it has for mail, Perl and shells: tamer runs only what is written in C.
FROM ${BASE_IMAGE} AS root
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates git tini \
 && dpkg --purge --force-depends perl perl-modules-5.36 libperl5.36 libgdbm6 libgdbm-compat4 2>/dev/null \
 && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* /usr/share/doc /usr/share/info /usr/share/locale /usr/share/man /usr/share/perl* \
 && useradd --uid 10001 --home-dir /var/lib/tamer --create-home --shell /usr/sbin/nologin tamer \
 && git --version

FROM scratch
ARG VERSION=
ARG COMMIT=
ARG DATE=
LABEL org.opencontainers.image.title="tamer" \
      org.opencontainers.image.description="A GitHub App that checks, gates and deploys per-customer YAML configuration" \
      org.opencontainers.image.source="https://github.com/tamerhq/tamer" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT" \
      org.opencontainers.image.created="$DATE"
COPY --from=root / /
COPY --from=build /tamer /usr/local/bin/tamer
USER 10001:10001
WORKDIR /var/lib/tamer
VOLUME /var/lib/tamer
ENV PATH=/usr/local/bin:/usr/bin:/bin HOME=/var/lib/tamer TAMER_DATA_DIR=/var/lib/tamer TAMER_LISTEN=:3000
EXPOSE 3000 3001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["tamer", "healthcheck"]
ENTRYPOINT ["tini", "--", "tamer"]
CMD ["serve"]
