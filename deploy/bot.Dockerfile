# The Rasa server with its model inside. Build from the repository: docker build -f deploy/bot.Dockerfile .
# The model is trained while the image is built, so an image is one model and starting it needs no training.
FROM python:3.10-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1

RUN pip install --no-cache-dir "uv>=0.8,<1"
WORKDIR /app

COPY bot/pyproject.toml bot/uv.lock bot/.python-version bot/
RUN uv sync --frozen --no-dev --no-cache --directory bot

COPY LICENSE config.yml ./
COPY data data
COPY conversation/triage/statements conversation/triage/statements
COPY bot bot
RUN bot/.venv/bin/python bot/train.py /app/model/model.tar.gz

RUN useradd --system --uid 10001 perennial
USER 10001

ENV PERENNIAL_BOT_MODEL=/app/model/model.tar.gz \
    PERENNIAL_BOT_LISTEN=0.0.0.0:5005 \
    HOME=/tmp
EXPOSE 5005

HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:5005/webhooks/turns/ready', timeout=2)"]
CMD ["bot/.venv/bin/python", "bot/serve.py"]
