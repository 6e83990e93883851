# syntax=docker/dockerfile:1
# One image for every process of Kanhu: the command says which.

# The console, built; nothing of Node.js goes any further.
FROM node:24-slim AS console
WORKDIR /src/console
COPY console/package.json console/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY console ./
COPY core/wording /src/core/wording
RUN npm run build

FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/kanhu
COPY requirements.lock ./
RUN /opt/kanhu/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
COPY --from=console /src/api/console_dist api/console_dist
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
