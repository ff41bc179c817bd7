"""The opt-out ledger, replayed: against a slow model over all ledgers that hypothesis can think of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.optouts import ALL_CHANNELS, Entry, record_opt_in, replay

NAMES = sorted(ALL_CHANNELS)
entries = st.builds(
    Entry, out=st.booleans(), channels=st.none() | st.frozensets(st.sampled_from(NAMES), min_size=1, max_size=3)
)
ledgers = st.lists(entries, max_size=12)


def covers(entry: Entry, channel: str) -> bool:
    return entry.channels is None or channel in entry.channels


@given(ledgers)
def test_the_last_entry_that_means_a_channel_decides(ledger: list[Entry]) -> None:
    for channel in NAMES:
        last = next((entry for entry in reversed(ledger) if covers(entry, channel)), None)
        assert (channel in replay(ledger)) == (last is not None and last.out)


@given(ledgers)
def test_a_stop_of_everything_silences_everything(ledger: list[Entry]) -> None:
    assert replay([*ledger, Entry(out=True, channels=None)]) == ALL_CHANNELS


@given(ledgers)
def test_a_start_undoes_everything(ledger: list[Entry]) -> None:
    assert replay([*ledger, Entry(out=False, channels=None)]) == frozenset()


@given(ledgers)
def test_only_an_entry_in_undoes(ledger: list[Entry]) -> None:
    outs = [entry for entry in ledger if entry.out]
    for end in range(len(outs)):
        assert replay(outs[:end]) <= replay(outs[: end + 1])


@given(ledgers, entries)
def test_saying_it_twice_says_no_more(ledger: list[Entry], entry: Entry) -> None:
    assert replay([*ledger, entry, entry]) == replay([*ledger, entry])


@pytest.mark.parametrize("reason", [None, "", "  \n"])
async def test_a_coordinator_undoes_it_only_with_a_reason(reason: str | None) -> None:
    with pytest.raises(ValueError, match="written reason"):
        await record_opt_in(None, None, at=None, actor="maya", reason=reason, keyring=None)  # type: ignore[arg-type]
