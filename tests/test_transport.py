"""Manners and failures of the requests to arXiv."""

from __future__ import annotations

import io
import itertools
import multiprocessing
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path

import pytest

from indexes.errors import ConfigurationError, IngestError, StorageError
from ingest import replica_faults
from ingest.addresses import Addresses
from ingest.config import ArxivSettings
from ingest.fetch import fetch_pdf
from ingest.replica import Replica
from ingest.replica_faults import Fault, first
from ingest.request_gate import RequestGate
from ingest.stopping import StoppedError
from ingest.store import PdfStore
from ingest.transport import ArxivClient, Patience, retry_after_s, user_agent

PDF = b"%PDF-1.7\n" + b"% a line of a paper\n" * 2000 + b"%%EOF\n"
QUICK = Patience(connect_s=2, silence_s=0.3, total_s=3, pause_s=0.01)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    papers = tmp_path / "papers"
    papers.mkdir()
    for name in ("1706.03762v5", "1706.03762v7", "2302.13971v1", "hep-th_9108004v1"):
        (papers / f"{name}.pdf").write_bytes(PDF + name.encode())
    return papers


@pytest.fixture
def replica(folder: Path) -> Iterator[Replica]:
    with Replica(folder) as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> PdfStore:
    return PdfStore(tmp_path / "store")


Connect = Callable[..., ArxivClient]


@pytest.fixture
def connect(replica: Replica, tmp_path: Path) -> Iterator[Connect]:
    opened: list[ArxivClient] = []

    def make(patience: Patience = QUICK, interval_s: float = 0, **options: str) -> ArxivClient:
        settings = ArxivSettings(url=replica.url, interval_s=interval_s, **options)
        opened.append(ArxivClient(settings, tmp_path / "gate", patience=patience))
        return opened[-1]

    yield make
    for client in opened:
        client.close()


def stored_files(store: PdfStore) -> list[Path]:
    return [path for path in Path(store.path("0" * 64)).parents[1].rglob("*") if path.is_file()]


def test_a_paper_is_fetched_and_stored(replica: Replica, connect: Connect, store: PdfStore) -> None:
    seen: list[tuple[int, int | None]] = []
    latest = fetch_pdf(
        connect(contact="me@example.org"),
        store,
        "1706.03762",
        on_progress=lambda done, total: seen.append((done, total)),
    )
    body = PDF + b"1706.03762v7"
    assert store.path(latest.sha256).read_bytes() == body
    assert (latest.bytes, latest.url) == (len(body), f"{replica.url}/pdf/1706.03762")
    assert seen[-1] == (len(body), len(body))
    assert replica.requests[0].user_agent.endswith("(mailto:me@example.org)")

    older = fetch_pdf(connect(), store, "1706.03762", 5)
    assert store.path(older.sha256).read_bytes().endswith(b"1706.03762v5")
    assert replica.paths() == ["/pdf/1706.03762", "/pdf/1706.03762v5"]
    assert fetch_pdf(connect(), store, "hep-th/9108004").bytes > 0


def test_no_connection_is_kept_idle(replica: Replica, connect: Connect) -> None:
    client = connect()
    for _ in range(3):
        client.read("/pdf/2302.13971")
    assert len({request.port for request in replica.requests}) == 3


@pytest.mark.parametrize(
    ("fault", "code", "retryable", "requests"),
    [
        (replica_faults.status(429), "rate_limited", True, 3),
        (replica_faults.status(429, retry_after="0"), "rate_limited", True, 3),
        (replica_faults.status(503), "rate_limited", True, 3),
        (replica_faults.status(502), "offline", True, 3),
        (replica_faults.status(403), "refused", False, 1),
        (replica_faults.status(400), "refused", False, 1),
        (replica_faults.status(404), "not_found", False, 1),
        (replica_faults.status(204), "refused", False, 1),
        (replica_faults.reset(), "offline", True, 3),
        (replica_faults.truncated(0.5), "offline", True, 3),
        (replica_faults.truncated(0.5, announced=False), "damaged", True, 1),
        (replica_faults.html(), "not_pdf", True, 1),
        (replica_faults.body(b""), "empty", True, 1),
        (replica_faults.body(b"not a paper"), "not_pdf", True, 1),
        (replica_faults.slow(10), "timeout", True, 3),
        (replica_faults.redirect("/pdf/2302.13971"), "refused", False, 6),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_trouble_has_its_code_and_stores_nothing(
    replica: Replica,
    connect: Connect,
    store: PdfStore,
    fault: Fault,
    code: str,
    retryable: bool,
    requests: int,
) -> None:
    replica.faults["/pdf/2302.13971"] = fault
    with pytest.raises(IngestError) as raised:
        fetch_pdf(connect(), store, "2302.13971", 1)
    assert (raised.value.code, raised.value.retryable) == (code, retryable)
    assert raised.value.remedy
    assert "\n" not in str(raised.value)
    assert stored_files(store) == []
    assert len(replica.requests) == requests


@pytest.mark.parametrize(
    "fault",
    [
        replica_faults.status(429),
        replica_faults.status(500),
        replica_faults.reset(),
        replica_faults.truncated(0.9),
        lambda due: replica_faults.truncated(0.9)(replace(due, body=due.body * 5)),
    ],
)
def test_a_passing_trouble_passes(
    replica: Replica, connect: Connect, store: PdfStore, fault: Fault
) -> None:
    replica.faults["/pdf/"] = first(2, fault)
    stored = fetch_pdf(connect(), store, "2302.13971", 1)
    assert store.path(stored.sha256).read_bytes() == PDF + b"2302.13971v1"
    assert len(replica.requests) == 3


def test_dripping_bodies_end_at_the_deadline(
    replica: Replica, connect: Connect, store: PdfStore
) -> None:
    replica.faults["/pdf/"] = replica_faults.slow(0.05, piece=8)
    began = time.monotonic()
    with pytest.raises(IngestError) as raised:
        fetch_pdf(connect(Patience(total_s=0.5, pause_s=0.01)), store, "2302.13971", 1)
    assert raised.value.code == "timeout"
    assert time.monotonic() - began < 2


def test_retry_after_holds_for_everyone(
    replica: Replica, connect: Connect, store: PdfStore
) -> None:
    replica.faults["/pdf/"] = first(1, replica_faults.status(429, retry_after="1"))
    fetch_pdf(connect(), store, "2302.13971", 1)
    refused, served = replica.requests
    assert served.at - refused.at >= 1

    replica.faults["/pdf/"] = replica_faults.status(503, retry_after="7200")
    for _ in range(2):  # the second client does not even ask
        with pytest.raises(IngestError) as raised:
            fetch_pdf(connect(), store, "2302.13971", 1)
        assert (raised.value.code, raised.value.retryable) == ("rate_limited", True)
        assert "60 min" in str(raised.value)
    assert len(replica.requests) == 3


def test_retry_after_is_a_number_or_a_date() -> None:
    assert retry_after_s("120") == 120
    assert retry_after_s(formatdate(time.time() + 60, usegmt=True)) == pytest.approx(60, abs=2)
    assert retry_after_s(formatdate(time.time() - 60, usegmt=True)) == 0
    assert retry_after_s("soon") is None
    assert retry_after_s(None) is None


def test_nobody_there_is_offline(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    settings = ArxivSettings(url=f"http://127.0.0.1:{port}", interval_s=0)
    client = ArxivClient(settings, tmp_path / "gate")
    with client, pytest.raises(IngestError) as raised:
        client.read("/pdf/2302.13971")
    assert (raised.value.code, raised.value.retryable) == ("offline", True)


def test_bodies_have_a_limit(replica: Replica, connect: Connect) -> None:
    for announced in (True, False):
        replica.faults["/pdf/"] = replica_faults.truncated(1, announced=announced)
        target = io.BytesIO()
        with pytest.raises(IngestError) as raised:
            connect().download("/pdf/2302.13971", target, limit=1000)
        assert (raised.value.code, raised.value.retryable) == ("too_large", False)
        assert len(target.getvalue()) <= 1000


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:1/pdf/2302.13971",
        "http://localhost/pdf/2302.13971",
        "https://arxiv.org/pdf/2302.13971",
        "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data",
        "//[::1]/x",
        "https://[",
    ],
)
def test_a_mirror_leads_nowhere_else(
    replica: Replica, connect: Connect, store: PdfStore, location: str
) -> None:
    replica.faults["/pdf/"] = replica_faults.redirect(location)
    with pytest.raises(IngestError) as raised:
        fetch_pdf(connect(), store, "2302.13971", 1)
    assert (raised.value.code, raised.value.retryable) == ("refused", False)
    assert len(replica.requests) == 1


def test_a_redirect_within_the_mirror_is_followed(replica: Replica, connect: Connect) -> None:
    assert connect().read("/pdf/2302.13971v1.pdf").startswith(b"%PDF-")
    assert replica.paths() == ["/pdf/2302.13971v1.pdf", "/pdf/2302.13971v1"]


@pytest.mark.parametrize(
    ("location", "allowed"),
    [
        ("https://arxiv.org/pdf/2302.13971v1", True),
        ("https://www.arxiv.org/pdf/2302.13971v1", True),
        ("//static.arxiv.org/x", True),
        ("/pdf/2302.13971v1", True),
        ("https://ARXIV.org:443/x", True),
        ("http://arxiv.org/pdf/2302.13971v1", False),
        ("https://arxiv.org:8443/x", False),
        ("https://arxiv.org@evil.example/x", False),
        ("https://user@arxiv.org/x", False),
        ("https://arxiv.org.evil.example/x", False),
        ("https://evil.example/arxiv.org", False),
        ("https://127.0.0.1/x", False),
        ("https://[::1]/x", False),
        ("ftp://arxiv.org/x", False),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
    ],
)
def test_arxiv_leads_to_its_own_hosts_over_https_only(location: str, allowed: bool) -> None:
    addresses = Addresses(None)
    start = addresses.url("/pdf/2302.13971")
    if allowed:
        target = addresses.hop(start, location)
        assert target.scheme == "https"
        assert target.host.endswith("arxiv.org")
    else:
        with pytest.raises(IngestError, match="does not follow"):
            addresses.hop(start, location)


@pytest.mark.parametrize("mirror", ["arxiv.org", "file:///tmp", "https://", "http://x:port"])
def test_a_mirror_must_be_a_web_address(mirror: str) -> None:
    with pytest.raises(ConfigurationError, match=r"arxiv\.url"):
        Addresses(mirror)


def test_the_proxy_of_the_environment_is_used_but_never_for_this_machine(
    replica: Replica, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        nobody = f"http://127.0.0.1:{server.getsockname()[1]}"
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, nobody)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert connect().read("/pdf/2302.13971").startswith(b"%PDF-")
    settings = ArxivSettings(url="http://mirror.invalid", interval_s=0)
    client = ArxivClient(settings, tmp_path / "gate")
    # Refused by the proxy's port: without it the name would not resolve.
    with client, pytest.raises(IngestError, match="refused"):
        client.read("/pdf/2302.13971")
    monkeypatch.setenv("ALL_PROXY", "gopher://127.0.0.1")
    with pytest.raises(ConfigurationError, match="ALL_PROXY"):
        ArxivClient(settings, tmp_path / "gate")


def test_the_contact_cannot_smuggle_headers() -> None:
    assert user_agent("me@example.org\r\nHost: evil\x1b é").endswith(
        "(mailto:me@example.org Host: evil )"
    )
    assert "mailto" not in user_agent(None)


def _ask_five_times(url: str, gate: str, interval_s: float) -> None:
    with ArxivClient(ArxivSettings(url=url, interval_s=interval_s), Path(gate)) as client:
        for _ in range(5):
            client.read("/pdf/2302.13971")


def test_two_processes_share_one_gate(replica: Replica, tmp_path: Path) -> None:
    interval_s = 0.1
    replica.faults["/pdf/"] = replica_faults.slow(0.02, piece=1 << 16)
    spawn = multiprocessing.get_context("spawn")
    gate = str(tmp_path / "gate")
    children = [
        spawn.Process(target=_ask_five_times, args=(replica.url, gate, interval_s))
        for _ in range(2)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
        assert child.exitcode == 0
    arrivals = [request.at for request in replica.requests]
    gaps = [later - earlier for earlier, later in itertools.pairwise(arrivals)]
    assert len(arrivals) == 10
    assert min(gaps) >= interval_s
    assert max(request.open for request in replica.requests) == 1


def test_the_gate_survives_clocks_and_garbage(tmp_path: Path) -> None:
    path = tmp_path / "gate"
    gate = RequestGate(path, 0.05, queue_s=0.1)
    for content in ("", "garbage", f"{time.time() + 1e6:020.6f} {0:020.6f}\n"):
        path.write_text(content)
        with gate.turn(1):
            pass
    path.write_text(f"{0:020.6f} {time.time() + 1e6:020.6f}\n")
    with pytest.raises(IngestError, match="60 min"), gate.turn(1):
        pass
    path.unlink()
    with gate.turn(1), pytest.raises(IngestError) as raised, gate.turn(1):
        pass
    assert (raised.value.code, raised.value.retryable) == ("timeout", True)
    with pytest.raises(StorageError, match="gate"):
        RequestGate(tmp_path / "missing" / "gate", 0).turn(1).__enter__()


def _stopped_after(action: Callable[[threading.Event], object], ready: Callable[[], bool]) -> float:
    """Seconds that `action` takes to raise StoppedError once its event is set."""
    stop = threading.Event()
    ended: list[BaseException] = []

    def run() -> None:
        try:
            action(stop)
        except BaseException as error:  # noqa: BLE001 - handed to the test
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    limit = time.monotonic() + 10
    while not ready() and time.monotonic() < limit:
        threading.Event().wait(0.005)
    began = time.monotonic()
    stop.set()
    thread.join(10)
    took = time.monotonic() - began
    assert [type(error) for error in ended] == [StoppedError]
    return took


def test_stopping_takes_effect_at_once(
    replica: Replica, connect: Connect, store: PdfStore, tmp_path: Path
) -> None:
    replica.faults["/pdf/"] = replica_faults.slow(20)  # headers, then silence
    replica.faults["/api/"] = replica_faults.status(429, retry_after="60")
    client = connect(Patience())
    silent = _stopped_after(
        lambda stop: fetch_pdf(client, store, "2302.13971", 1, stop=stop),
        lambda: len(replica.requests) == 1,
    )
    waiting = _stopped_after(
        lambda stop: client.read("/api/query?id_list=2302.13971", stop=stop),
        lambda: len(replica.requests) == 2,
    )
    gate = RequestGate(tmp_path / "held", 0)
    with gate.turn(1):
        queued = _stopped_after(lambda stop: gate.turn(1, stop).__enter__(), lambda: True)
    assert max(silent, waiting, queued) < 0.2
    assert stored_files(store) == []


def test_importing_loads_no_http_client() -> None:
    modules = "ingest.transport, ingest.arxiv_metadata, ingest.fetch, ingest.replica"
    heavy = "{'httpx', 'arxiv', 'requests', 'lxml'}"
    script = f"import sys, {modules}; print(sorted({heavy} & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    assert loaded.stdout.strip() == "[]"


def test_the_wait_that_arxiv_asks_for_is_announced(replica: Replica, tmp_path: Path) -> None:
    replica.faults["/pdf/"] = first(1, replica_faults.status(429, retry_after="1"))
    told: list[float] = []
    settings = ArxivSettings(url=replica.url, interval_s=0)
    with ArxivClient(settings, tmp_path / "gate", on_wait=told.append) as client:
        client.read("/pdf/2302.13971")
    assert [round(seconds) for seconds in told] == [1]
