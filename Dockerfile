# docker build -t ks . && docker run -p 8080:8080 -v ks-data:/var/lib/ks ks
# The first start writes the first account into first-account.txt in the volume.

FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends build-essential && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --locked --profile dist --package ks-cli

FROM debian:bookworm-slim
# Root certificates, for mails over TLS.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
    && useradd --system --user-group --no-create-home --home-dir /var/lib/ks --shell /usr/sbin/nologin ks \
    && install -d -o ks -g ks -m 700 /var/lib/ks
COPY --from=build /src/target/dist/ks /usr/bin/ks
USER ks
ENV KS_LISTEN=0.0.0.0:8080 KS_ADMIN_LISTEN=127.0.0.1:8081 KS_DATA_DIR=/var/lib/ks
VOLUME /var/lib/ks
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=10s CMD ["ks", "health"]
ENTRYPOINT ["ks"]
CMD ["serve"]
