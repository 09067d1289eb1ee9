# A local DynamoDB that fails on purpose. Mount scenarios at /scenarios and name one as the command:
#   docker run -p 8000:8000 -v ./scenarios:/scenarios dynafault /scenarios/orders.yaml
FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY emulator emulator
COPY scenarios scenarios
RUN pip wheel --no-cache-dir --wheel-dir /wheels .

FROM python:3.13-slim
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels dynafault \
    && useradd --create-home --uid 10001 dynafault
USER dynafault
WORKDIR /scenarios
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=2s --start-period=2s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/_emulator/health', timeout=1)"]
ENTRYPOINT ["dynafault", "serve", "--host", "0.0.0.0", "--port", "8000"]
