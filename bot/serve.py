"""Starts the Rasa server: `python bot/serve.py`. Works from any folder; stops at once on SIGTERM.

Environment:
  PERENNIAL_BOT_TOKEN        shared secret of service and bot, both ways (required)
  PERENNIAL_ACTIONS_URL      where the service answers action calls (default http://127.0.0.1:8081/actions)
  PERENNIAL_BOT_LISTEN       interface:port (default 127.0.0.1:5005)
  PERENNIAL_BOT_MODEL        model file (default .perennial/bot/model.tar.gz in the repository)
  PERENNIAL_BOT_ENDPOINTS    endpoints file (default bot/endpoints.yml; bot/endpoints.redis.yml for several servers)

`--stock` serves the same model with nothing of ours but the pipeline, for `perennial bench`: Rasa's REST channel,
its SQL tracker store on the SQLite file PERENNIAL_STOCK_DATABASE, its own validation of action results.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any, Tuple

sys.path.insert(0, str(Path(__file__).resolve().parent))
import surroundings

surroundings.prepare()


def listen_address(value: str) -> Tuple[str, int]:
    """`127.0.0.1:5005` → ("127.0.0.1", 5005). ValueError otherwise."""
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"PERENNIAL_BOT_LISTEN must be interface:port, not {value!r}")
    return host.strip("[]"), int(port)


def main() -> int:
    """Serves until SIGTERM or Ctrl-C."""
    os.environ.setdefault("PERENNIAL_ACTIONS_URL", "http://127.0.0.1:8081/actions")
    host, port = listen_address(os.environ.get("PERENNIAL_BOT_LISTEN", "127.0.0.1:5005"))
    model = Path(os.environ.get("PERENNIAL_BOT_MODEL") or surroundings.ROOT / ".perennial" / "bot" / "model.tar.gz")
    if not model.is_file():
        print(f"no model at {model}: train one first (python bot/train.py {model})", file=sys.stderr)
        return 2
    if not os.environ.get("PERENNIAL_BOT_TOKEN"):
        print("PERENNIAL_BOT_TOKEN is not set: the bot does not start without a token", file=sys.stderr)
        return 2
    if "--stock" in sys.argv[1:]:
        return serve_stock(model, host, port)
    return serve(model, host, port)


def serve(model: Path, host: str, port: int) -> int:
    """Our channel, our tracker store, our turns."""
    from light import component_classes, leave_out_unused

    leave_out_unused(component_classes(model))
    surroundings.quiet()
    # Rasa reads its own log level; below ERROR its logs can hold what somebody wrote.
    os.environ["LOG_LEVEL"] = "ERROR"
    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints

    surroundings.quiet()
    endpoints = os.environ.get("PERENNIAL_BOT_ENDPOINTS") or str(surroundings.BOT / "endpoints.yml")
    signal.signal(signal.SIGTERM, _stop)
    serve_application(
        model_path=str(model),
        interface=host,
        port=port,
        credentials=str(surroundings.BOT / "credentials.yml"),
        endpoints=AvailableEndpoints.read_endpoints(endpoints),
        enable_api=False,
        server_listeners=[(_stop_at_once, "after_server_start")],
    )
    return 0


def serve_stock(model: Path, host: str, port: int) -> int:
    """`rasa run` as it is."""
    if not os.environ.get("PERENNIAL_STOCK_DATABASE"):
        print("PERENNIAL_STOCK_DATABASE must name the SQLite file of the stock server", file=sys.stderr)
        return 2
    from rasa.__main__ import main as rasa

    stock = surroundings.BOT / "stock"
    sys.argv = ["rasa", "run", "--model", str(model), "--interface", host, "--port", str(port)]
    sys.argv += ["--credentials", str(stock / "credentials.yml"), "--endpoints", str(stock / "endpoints.yml")]
    rasa()
    return 0


def _stop(number: int, frame: Any) -> None:
    os._exit(0)


async def _stop_at_once(app: Any, loop: Any) -> None:
    """Nothing here needs saving, and a turn cut off is run again; Sanic would wait seconds for idle connections."""
    loop.add_signal_handler(signal.SIGTERM, _stop, signal.SIGTERM, None)
    loop.add_signal_handler(signal.SIGINT, _stop, signal.SIGINT, None)


if __name__ == "__main__":
    sys.exit(main())
