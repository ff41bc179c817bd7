"""Who asks for a port and is slow to use it does not meet another who asked later."""

from service.demo.world import free_port


def test_no_port_is_given_twice() -> None:
    given = [free_port() for _ in range(500)]
    assert len(set(given)) == 500
