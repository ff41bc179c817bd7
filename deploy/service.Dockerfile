# The service: web, webhooks, mail receiver, workers. Build from the repository: docker build -f deploy/service.Dockerfile .
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1 \
    PATH=/app/.venv/bin:$PATH

RUN pip install --no-cache-dir "uv>=0.8,<1"
WORKDIR /app

# Libraries first: they change less often than the code.
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-dev --no-install-project --no-cache

COPY LICENSE ./
COPY service service
COPY channels channels
COPY actions actions
COPY scheduler scheduler
COPY console console
COPY conversation conversation
COPY engagement engagement
COPY storage storage
COPY content content
COPY studies studies
RUN uv sync --frozen --no-dev --no-cache

# Nothing is written outside the database.
RUN useradd --system --uid 10001 perennial
USER 10001

ENV PERENNIAL_MODE=production \
    PERENNIAL_LISTEN=0.0.0.0:8080 \
    PERENNIAL_INTERNAL_LISTEN=0.0.0.0:8081
EXPOSE 8080 8081 2525

HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/health/live', timeout=2)"]
CMD ["perennial", "serve"]
