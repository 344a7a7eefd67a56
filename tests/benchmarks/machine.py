"""The machine: what it is, and the most that it allows: Ed25519 checks per second in two threads."""

import os
import platform
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.benchmarks.network import key_of

MESSAGE = 600  # bytes
THREADS = 2
DIFFERENT = 500  # messages


def about() -> dict[str, str]:
    """Processor, cores, Python. No names of hosts."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")
    return {
        "processor": model,
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def limit(seconds: float = 2.0) -> float:
    """``PublicKey.verify`` calls per second over 600-byte messages, in two threads."""
    private = key_of("limit")
    public = private.public
    messages = [number.to_bytes(4, "big") * (MESSAGE // 4) for number in range(DIFFERENT)]
    signed = [(private.sign(message), message) for message in messages]

    def check(until: float) -> int:
        count = 0
        while time.perf_counter() < until:
            for signature, message in signed:
                assert public.verify(signature, message)
            count += len(signed)
        return count

    with ThreadPoolExecutor(THREADS) as threads:
        start = time.perf_counter()
        counts = list(threads.map(check, [start + seconds] * THREADS))
        return sum(counts) / (time.perf_counter() - start)
