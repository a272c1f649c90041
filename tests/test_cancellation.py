"""A request that is taken back tells what runs for it, once, and everything that would start for it later."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.cancellation import Cancellation, cancellable, current
from gateway.errors import EngineError


def test_what_runs_is_told_and_what_has_ended_is_not() -> None:
    cancellation, told = Cancellation(), []
    with cancellation.stopping(lambda: told.append("ended")):
        pass
    with cancellation.stopping(lambda: told.append("first")), cancellation.stopping(lambda: told.append("second")):
        assert not cancellation.is_cancelled
        cancellation.cancel()
    assert told == ["first", "second"]
    assert cancellation.is_cancelled


def test_nothing_starts_for_a_request_that_was_taken_back() -> None:
    cancellation, told = Cancellation(), []
    cancellation.cancel()
    with pytest.raises(EngineError, match=r"^interrupted$"), cancellation.stopping(lambda: told.append("stopped")):
        told.append("started")
    assert told == []


def test_it_is_heard_across_threads() -> None:
    cancellation, heard = Cancellation(), threading.Event()
    with cancellation.stopping(heard.set), ThreadPoolExecutor(1) as pool:
        pool.submit(cancellation.cancel)
        assert heard.wait(5)


def test_the_current_one_is_that_of_the_innermost_request_in_this_thread() -> None:
    outer, inner = Cancellation(), Cancellation()
    nobodys = current()
    with cancellable(outer):
        with cancellable(inner):
            assert current() is inner
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(current).result() is nobodys
        assert current() is outer
    assert current() is nobodys
