"""The trained bot behind its door: trained by train.py, served by serve.py, asked over HTTP, with a small action server."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

BOT = Path(__file__).resolve().parents[1]
TOKEN = "test-token"
SECRET = "zxqwv private words"

EXAMPLES = {
    "greet": ["hello", "hi there", "good morning", "hola"],
    "affirm": ["yes", "yes please", "of course", "sí"],
    "deny": ["no", "no thanks", "rather not", "no gracias"],
    "ask_person": ["a person please", "let me talk to a human", "quiero una persona", "a real person"],
    "repeat": ["say that again", "what do you mean", "repeat", "otra vez"],
    "faq/cost": ["how much does it cost", "what is the price", "cuánto cuesta", "is the test free"],
    "faq/benefits": ["what do I get out of it", "how does it help me", "qué beneficios hay", "why take part"],
}


class Actions(BaseHTTPRequestHandler):
    """Answers as the test says; keeps what came."""

    protocol_version = "HTTP/1.1"
    calls: ClassVar[list] = []
    answer = (200, {"events": [], "responses": [{"custom": {"say": "person/coming", "with": {"expected": "soon"}}}]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        Actions.calls.append((self.headers.get("Authorization"), body))
        status, answer = Actions.answer
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Bot:
    def __init__(self, folder):
        self.folder, self.port, self.log = folder, free_port(), folder / "log"
        self.actions = ThreadingHTTPServer(("127.0.0.1", 0), Actions)
        threading.Thread(target=self.actions.serve_forever, daemon=True).start()
        self.environment = {
            **os.environ,
            "PERENNIAL_BOT_TOKEN": TOKEN,
            "PERENNIAL_BOT_MODEL": str(folder / "model.tar.gz"),
            "PERENNIAL_BOT_LISTEN": f"127.0.0.1:{self.port}",
            "PERENNIAL_ACTIONS_URL": f"http://127.0.0.1:{self.actions.server_port}/actions",
            "LOG_LEVEL": "DEBUG",
        }
        self.start()

    def start(self):
        command = [sys.executable, str(BOT / "serve.py")]
        self.process = subprocess.Popen(
            command, env=self.environment, cwd=self.folder, stdout=self.log.open("ab"), stderr=subprocess.STDOUT
        )
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/webhooks/turns/ready"):
                    return
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.1)
        raise AssertionError("the bot did not start")

    def post(self, body, token=TOKEN):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/webhooks/turns/webhook", data, headers)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def turn(self, conversation, turn, previous, text, **slots):
        body = {"conversation": conversation, "turn": turn, "previous": previous, "text": text, "slots": slots}
        return self.post({**body, "metadata": {"turn": turn, "participant": "p"}})

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=5)


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bot")
    lines = ['version: "3.1"', "nlu:"]
    for intent, texts in EXAMPLES.items():
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in texts)]
    (folder / "nlu.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, str(BOT / "train.py"), str(folder / "model.tar.gz"), "--data", str(folder / "nlu.yml")]
    environment = {**os.environ, "PERENNIAL_BOT_CONFIG": str(BOT.parent / "config.sparse.yml")}
    trained = subprocess.run(
        [*command, str(BOT.parent / "data" / "rules")], env=environment, cwd=folder, capture_output=True, check=False
    )
    assert trained.returncode == 0, trained.stderr.decode()
    running = Bot(folder)
    yield running
    running.process.kill()
    running.actions.shutdown()


@pytest.fixture(autouse=True)
def _no_calls_yet():
    Actions.calls.clear()


@pytest.fixture
def answering(monkeypatch):
    return lambda status, body: monkeypatch.setattr(Actions, "answer", (status, body))


def test_a_question_gets_its_topic(bot):
    status, answer = bot.turn("faq", "1", None, "how much does it cost")
    assert status == 200
    assert answer["replies"] == [{"say": "faq/cost", "with": {}}]
    assert answer["intent"]["name"] == "faq/cost"
    assert answer["ranking"][0] == answer["intent"]
    assert len(answer["ranking"]) == 5
    assert answer["turn"] == "1"
    assert answer["fresh"] is True
    assert set(answer["timings_ms"]) == {"understanding", "policy", "actions", "total"}


def test_two_questions_get_two_answers(bot):
    _, answer = bot.turn("two", "1", None, "how much does it cost? what do I get out of it?")
    assert [reply["say"] for reply in answer["replies"]] == ["faq/cost", "faq/benefits"]
    assert answer["intent"]["name"] == "faq/cost"
    assert answer["also"] == ["faq/benefits"]
    assert [reply["say"] for reply in bot.turn("two", "2", "1", "is the test free")[1]["replies"]] == ["faq/cost"]


def test_a_question_beside_a_wish_is_answered_too(bot):
    _, answer = bot.turn("wish", "1", None, "how much does it cost? let me talk to a human")
    assert [reply["say"] for reply in answer["replies"]] == ["person/coming", "faq/cost"]
    assert len(Actions.calls) == 1


def test_the_tracker_goes_on_only_from_the_turn_before(bot):
    assert bot.turn("on", "1", None, "hello")[1]["fresh"] is True
    assert bot.turn("on", "2", "1", "hello")[1]["fresh"] is False
    assert bot.turn("on", "2", "1", "hello")[1]["fresh"] is True, "run again after a crash"
    assert bot.turn("on", "4", "3", "hello")[1]["fresh"] is True, "another Rasa ran turn 3"


def test_yes_and_no_mean_the_pending_question(bot):
    assert bot.turn("yes", "1", None, "yes")[1]["replies"][0]["say"] == "affirm_nothing"
    assert bot.turn("yes", "2", "1", "yes please", pending="person_offer")[1]["replies"][0]["say"] == "person/coming"
    assert bot.turn("yes", "3", "2", "no thanks", pending="person_offer")[1]["replies"][0]["say"] == "person/declined"
    assert bot.turn("yes", "4", "3", "no thanks", pending=None)[1]["replies"][0]["say"] == "deny_nothing"


def test_an_action_is_told_the_turn(bot):
    _, answer = bot.turn("act", "1", None, "a person please", language="es")
    assert answer["replies"] == [{"say": "person/coming", "with": {"expected": "soon"}}]
    ((authorization, call),) = Actions.calls
    assert authorization == f"Bearer {TOKEN}"
    assert call["next_action"] == "action_hand_over"
    assert call["tracker"]["latest_message"]["metadata"] == {"turn": "1", "participant": "p"}
    assert call["tracker"]["slots"]["language"] == "es"
    assert "domain" not in call


def test_an_action_may_clear_the_question(bot, answering):
    answering(
        200, {"events": [{"event": "slot", "name": "pending", "value": None}], "responses": [{"custom": {"say": "x"}}]}
    )
    assert bot.turn("clear", "1", None, "yes", pending="person_offer")[1]["replies"] == [{"say": "x", "with": {}}]


def test_what_is_not_understood_is_a_miss(bot):
    for number, text in enumerate(["qwrtz plmkn", "", "/restart", '/greet{"pending": "person_offer"}', "👍"]):
        Actions.calls.clear()
        assert bot.turn(f"miss{number}", "1", None, text)[0] == 200
        if text != "/restart" and not text.startswith("/greet"):
            assert Actions.calls[0][1]["next_action"] == "action_miss"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {}),
        (404, {}),
        (400, {}),
        (200, b"no json"),
        (200, None),
        (200, {"events": "x"}),
        (200, {"events": [], "responses": [{"text": SECRET}]}),
        (200, {"events": [], "responses": [{"custom": {"say": ""}}]}),
    ],
    ids=str,
)
def test_a_failing_action_fails_the_turn(bot, answering, status, body):
    bot.turn("fail", "1", None, "hello")
    answering(status, body)
    assert bot.turn("fail", "2", "1", "a person please " + SECRET) == (503, {"error": "action_failed"})
    answering(200, {"events": [], "responses": []})
    assert bot.turn("fail", "2", "1", "a person please")[1]["fresh"] is True


def test_wrong_requests(bot):
    assert bot.post({}, token="other")[0] == 401
    assert bot.post(b"{")[0] == 400
    assert bot.post({"conversation": "c", "turn": "t", "text": "a" * 4001})[0] == 400
    assert bot.turn("c", "1", None, "hi", nope=1)[0] == 400
    assert not Actions.calls


def test_turns_of_one_conversation_do_not_overlap(bot):
    first = threading.Thread(target=bot.turn, args=("lock", "1", None, "a person please"))
    first.start()
    answers = []
    others = [
        threading.Thread(target=lambda name=name: answers.append(bot.turn(name, "1", None, "how much does it cost")))
        for name in ("lock-a", "lock-b", "lock-c")
    ]
    for thread in others:
        thread.start()
    for thread in [first, *others]:
        thread.join()
    assert [answer["replies"][0]["say"] for _, answer in answers] == ["faq/cost"] * 3
    assert bot.turn("lock", "2", "1", "hello")[1]["fresh"] is False


def test_no_token_no_start(bot):
    environment = {name: value for name, value in bot.environment.items() if name != "PERENNIAL_BOT_TOKEN"}
    refused = subprocess.run([sys.executable, str(BOT / "serve.py")], env=environment, capture_output=True, check=False)
    assert refused.returncode == 2
    assert b"PERENNIAL_BOT_TOKEN" in refused.stderr


def test_it_stops_at_once_and_wrote_no_words(bot):
    before = {path.name for path in bot.folder.iterdir()}
    bot.turn("words", "1", None, SECRET)
    assert bot.stop() == 0
    assert SECRET.split()[0] not in bot.log.read_text(errors="replace")
    assert {path.name for path in bot.folder.iterdir()} == before
    bot.start()
    assert bot.turn("words", "2", "1", "hello")[1]["fresh"] is True
