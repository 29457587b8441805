"""`python -m bench.text_logs`: logs that are not JSON beside plain Python parsers of the same bytes. See `--help`."""

from __future__ import annotations

import argparse
import gzip
import random
import re
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench.plain_parsers import parse_audit, parse_evtx, parse_xml
from bench.worker import cpu_seconds, load, normalise, peak_mebibytes

_ROOT = Path(__file__).parent.parent
_LOGS = _ROOT / "tests" / "logs"
_MEGABYTE = 1_000_000
_HELP = """\
Measure the Linux audit log, Windows events in XML and Windows event log files (EVTX).

The samples of the tests are replicated to --size megabytes, with serials, times, process ids and addresses of their own
where the form allows it. Each is read by a plain parser, written in Python as one would write it in an afternoon, and
normalised as a scan does with the built-in rules; each measurement is a process of its own. What is compared is CPU
time, the least of --runs runs, which take turns. `times` says how many times as fast as the plain parser it is.
"""
_EVTX_HEADER, _EVTX_CHUNK = 4_096, 65_536


@dataclass(frozen=True, slots=True)
class Form:
    """A form of logs: how to write many of them, and the plain parser that counts them."""

    write: Callable[[Path, int, list[Path]], None]
    parse: Callable[[Path], int]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run cost, and how many records it gave."""

    seconds: float
    peak_mebibytes: float
    records: int


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    options = _options().parse_args(arguments)
    if options.worker is not None:
        print(orjson.dumps(_work(*options.worker)).decode())
        return 0
    print(f"{'form':<8}{'records':>10}{'plain s':>10}{'ours s':>10}{'times':>8}{'MB/s':>8}{'peak MiB':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for name in options.only or FORMS:
            path = Path(folder) / name
            FORMS[name].write(path, options.size * _MEGABYTE, options.sample)
            plain, ours = _measured(name, path, options.runs)
            times, speed = plain.seconds / ours.seconds, path.stat().st_size / _MEGABYTE / ours.seconds
            print(
                f"{name:<8}{ours.records:>10,}{plain.seconds:>10.2f}{ours.seconds:>10.2f}{times:>8.2f}{speed:>8.0f}"
                f"{ours.peak_mebibytes:>10.0f}"
            )
            path.unlink()
    return 0


def _measured(name: str, path: Path, runs: int) -> tuple[Cost, Cost]:
    costs: Mapping[str, list[Cost]] = {"plain": [], "ours": []}
    for _ in range(runs):
        for way, found in costs.items():
            command = [sys.executable, "-m", "bench.text_logs", "--worker", name, way, str(path)]
            finished = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=_ROOT)
            found.append(Cost(**orjson.loads(finished.stdout)))
    plain, ours = (min(found, key=lambda cost: cost.seconds) for found in costs.values())
    if not ours.records or not plain.records:
        raise SystemExit(f"{name}: a parser found no records")
    return plain, ours


def _work(name: str, way: str, path: str) -> Cost:
    if way == "ours":
        facts = normalise(path, load(None))
        return Cost(facts["cpu_seconds"], peak_mebibytes(), facts["events"])
    started = cpu_seconds()
    records = FORMS[name].parse(Path(path))
    return Cost(cpu_seconds() - started, peak_mebibytes(), records)


def _write_audit(path: Path, size: int, samples: list[Path]) -> None:
    """Write lines as one machine would: each round with later times, other serials, processes and addresses."""
    files = samples or [_LOGS / "auditd" / f"{name}.log" for name in ("kernel", "enriched", "msticpy")]
    lines = [line for file in files for line in _unpacked(file).splitlines() if b"type=" in line]
    with path.open("wb") as stream:
        for number in _rounds(stream.tell, size):
            stream.write(b"\n".join(_renumbered(lines, number)) + b"\n")


_IDENTITY = re.compile(rb"audit\((\d+)\.(\d+):(\d+)\)")
_PROCESS = re.compile(rb"\bpid=(\d+)")
_ADDRESS = re.compile(rb"\b(a[0-3])=([0-9a-f]{6,})")


def _renumbered(lines: list[bytes], number: int) -> Iterator[bytes]:
    chooser = random.Random(number)
    processes: dict[bytes, int] = {}

    def process(found: re.Match[bytes]) -> bytes:
        return b"pid=%d" % processes.setdefault(found[1], chooser.randrange(300, 99_999))

    def address(found: re.Match[bytes]) -> bytes:
        return b"%s=%x" % (found[1], chooser.randrange(1 << 40, 1 << 47))

    def identity(found: re.Match[bytes]) -> bytes:
        return b"audit(%d.%s:%d)" % (int(found[1]) + 100 * number, found[2], int(found[3]) + 100_000 * number)

    for line in lines:
        yield _ADDRESS.sub(address, _PROCESS.sub(process, _IDENTITY.sub(identity, line, count=1)))


def _write_xml(path: Path, size: int, samples: list[Path]) -> None:
    files = samples or [_LOGS / "winevtlog" / "wevtutil.xml", _LOGS / "powershell" / "wevtutil.xml"]
    events = [event for file in files for event in re.findall(rb"<Event[ >].*?</Event>", _unpacked(file), re.DOTALL)]
    with path.open("wb") as stream:
        stream.write(b"<Events>\n")
        for number in _rounds(stream.tell, size):
            numbered = b"<EventRecordID>%d" % (1_000_000 + number)
            stream.writelines(re.sub(rb"<EventRecordID>\d+", numbered, event) + b"\n" for event in events)
        stream.write(b"</Events>\n")


def _write_evtx(path: Path, size: int, samples: list[Path]) -> None:
    """Write a file whose chunks are those of a real one, again and again; the header counts and sums them."""
    whole = _unpacked((samples or [_LOGS / "winevtlog" / "new_user.evtx.gz"])[0])
    count = int.from_bytes(whole[42:44], "little")
    chunks = whole[_EVTX_HEADER : _EVTX_HEADER + count * _EVTX_CHUNK]
    times = max(1, size // len(chunks))
    header = bytearray(whole[:_EVTX_HEADER])
    header[42:44] = (count * times).to_bytes(2, "little")
    header[16:24] = (count * times - 1).to_bytes(8, "little")  # the last chunk
    header[124:128] = zlib.crc32(header[:120]).to_bytes(4, "little")
    with path.open("wb") as stream:
        stream.write(header)
        stream.writelines(chunks for _ in range(times))


def _unpacked(file: Path) -> bytes:
    data = file.read_bytes()
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def _rounds(written: Callable[[], int], size: int) -> Iterator[int]:
    number = 0
    while written() < size:
        yield number
        number += 1


FORMS = {
    "audit": Form(_write_audit, parse_audit),
    "xml": Form(_write_xml, parse_xml),
    "evtx": Form(_write_evtx, parse_evtx),
}


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.text_logs", description=_HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=20, metavar="MB", help="of each form (20)")
    parser.add_argument("--runs", type=int, default=3, help="of each measurement (3)")
    parser.add_argument("--only", action="append", choices=FORMS, help="one form; may be repeated")
    parser.add_argument("--sample", action="append", type=Path, help="a file to replicate instead, with one --only")
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
