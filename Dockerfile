# leaklint in a container: docker run --rm -v "$PWD:/src" leaklint check
FROM python:3.13-slim AS build
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY leaklint leaklint
COPY rules rules
RUN python -m pip wheel --no-cache-dir --wheel-dir /wheels .

FROM python:3.13-slim
# git finds the top of the repository and what changed; the mounted one belongs to somebody else
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && git config --system --add safe.directory '*' \
    && useradd --create-home --uid 10001 leaklint
COPY --from=build /wheels /wheels
# the wheels are those of the stage above, so there is one version to choose
# hadolint ignore=DL3013
RUN python -m pip install --no-cache-dir --no-index --find-links /wheels leaklint-cli
USER 10001
WORKDIR /src
ENTRYPOINT ["leaklint"]
CMD ["check"]
