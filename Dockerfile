# syntax=docker/dockerfile:1
# One image for every process of Kanhu: the command says which.

FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/kanhu
COPY requirements.lock ./
RUN /opt/kanhu/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . \
 && /opt/kanhu/bin/pip install --no-cache-dir --no-deps /wheels/*.whl

FROM python:3.13-slim
# 1883 is the user of the Mosquitto image: the broker's access files, which Kanhu writes, have to be its own.
# A new volume takes its owner from the directory it is mounted on.
RUN groupadd --gid 1883 kanhu && useradd --uid 1883 --gid 1883 --no-create-home --shell /usr/sbin/nologin kanhu \
 && install -d -o kanhu -g kanhu -m 700 /mosquitto/access
COPY --from=build /opt/kanhu /opt/kanhu
ENV PATH=/opt/kanhu/bin:$PATH PYTHONUNBUFFERED=1 KANHU_LOG_FORMAT=json
USER kanhu
ENTRYPOINT ["kanhu"]
CMD ["--help"]
