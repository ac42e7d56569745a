ARG PYTHON=3.12-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
# Pictures and PDF reports are set in the machine's fonts; the second draws Chinese, Japanese and Korean.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends fonts-noto-core fonts-droid-fallback \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# In layers of their own, so that a change of the code alone does not install everything again.
COPY requirements/build.txt requirements/base.txt requirements/
RUN python -m venv --without-pip /opt/greenroom \
    && pip install --require-hashes -r requirements/build.txt \
    && pip --python /opt/greenroom/bin/python install --require-hashes --only-binary :all: \
        -r requirements/base.txt
COPY pyproject.toml README.md LICENSE ./
COPY migrations migrations
COPY domain domain
COPY bot bot
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheel . \
    && pip --python /opt/greenroom/bin/python install --no-deps --no-index /wheel/*.whl

FROM python:${PYTHON}
LABEL org.opencontainers.image.title="Greenroom" \
    org.opencontainers.image.description="A Telegram bot in which a job seeker rehearses interviews." \
    org.opencontainers.image.licenses="Apache-2.0"
# PostgreSQL's initdb wants its user to have a name. The base image's pip goes: nothing is installed from here on.
RUN pip uninstall --yes --root-user-action=ignore pip \
    && groupadd --gid 10001 greenroom \
    && useradd --uid 10001 --gid 10001 --home-dir /var/lib/greenroom --no-create-home \
        --shell /usr/sbin/nologin greenroom \
    && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/greenroom
COPY --from=build /usr/share/fonts /usr/share/fonts
COPY --from=build /opt/greenroom /opt/greenroom
ENV PATH=/opt/greenroom/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8080 \
    GREENROOM_HOME=/var/lib/greenroom
USER 10001:10001
WORKDIR /var/lib/greenroom
# The embedded database and its key, where DATABASE_URL is not set; else nothing is written.
VOLUME /var/lib/greenroom
EXPOSE 8080
# `greenroom worker` has no web side: run it with --no-healthcheck.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.build_opener(web.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["greenroom"]
CMD ["serve"]
