# A local DynamoDB that fails on purpose. Mount scenarios at /scenarios and name one as the command:
#   docker run -p 8000:8000 -v ./scenarios:/scenarios dynafault /scenarios/orders.yaml
# or any other command: docker run -v ./scenarios:/scenarios dynafault check .
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
WORKDIR /source
RUN python -m venv /build && python -m venv --without-pip /opt/dynafault
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements requirements
RUN /build/bin/pip install --require-hashes --requirement requirements/build.txt \
    && /build/bin/pip --python /opt/dynafault/bin/python install --require-hashes --requirement requirements/runtime.txt
COPY pyproject.toml README.md LICENSE ./
COPY dynafault dynafault
COPY dynafault_dataclass dynafault_dataclass
COPY dynafault_time dynafault_time
COPY emulator emulator
COPY scenarios scenarios
RUN /build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /build/bin/pip --python /opt/dynafault/bin/python install --no-deps --no-index /wheels/*.whl

FROM ${BASE}
COPY --from=build /opt/dynafault /opt/dynafault
COPY image/healthcheck.py /opt/dynafault/
# /data is for journals; anybody may write there, so that --user works
RUN useradd --create-home --uid 10001 dynafault && mkdir --mode 1777 /data
ENV PATH=/opt/dynafault/bin:$PATH \
    DYNAFAULT_SERVE_HOST=0.0.0.0 \
    DYNAFAULT_SERVE_LOG=requests \
    DYNAFAULT_SERVE_ADDRESS_FILE=/dev/shm/dynafault.address
USER dynafault
WORKDIR /scenarios
EXPOSE 8000
# The server says itself where it listens: its port may come from the command, the environment or neither
HEALTHCHECK --interval=2s --timeout=2s --start-period=2s --retries=5 CMD ["python", "/opt/dynafault/healthcheck.py"]
ENTRYPOINT ["dynafault"]
CMD ["serve"]
