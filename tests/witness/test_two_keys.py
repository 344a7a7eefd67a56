"""A log with two keys: `oreline init --post-quantum`, a party with an ML-DSA-44 key, proof and check."""

import json
from pathlib import Path

import pytest

from ledger import note
from ledger.errors import EnvironmentFault
from ledger.folder import KEYS, SECOND, TRUST, create, open_ledger
from ledger.keyfile import save_private
from ledger.trust import Trust
from tests.cli.commands import (
    ACME,
    LOT,
    METAL,
    NAME,
    REGISTRAR,
    WORKS,
    call,
    done,
    failed,
    folder,
    opening,
    signed,
)
from tests.core.refusal import refusal
from tests.world import World, private_key


def test_from_init_to_a_checked_proof(tmp_path: Path) -> None:
    with folder(tmp_path):
        made = json.loads(
            done("init", "ledger", "--name", NAME, "--registrar", REGISTRAR, "--post-quantum", "--json")
        )
        assert made["keys"]["operator-ml-dsa-44"] == f"ledger/keys/{SECOND}"
        assert (tmp_path / "ledger" / KEYS / SECOND).stat().st_mode & 0o777 == 0o600
        done("party", "add", ACME, "--name", "Acme", "--country", "CA", "--role", "smelter",
             "--prefix", LOT + "acme:", "--ledger", "ledger")  # fmt: skip
        done("site", "add", WORKS, "--operator", ACME, "--kind", "smelter", "--kind", "casthouse",
             "--subdivision", "CA-QC", "--ledger", "ledger")  # fmt: skip
        done("key", "new", "acme.jwk", "--ml-dsa")
        failed("command.usage", "key", "new", "both.jwk", "--ml-dsa", "--p256")
        done("key", "register", "acme.jwk", "--party", ACME, "--ledger", "ledger")
        shown = json.loads(done("key", "show", "acme.jwk", "--ledger", "ledger", "--json"))
        assert (shown["algorithm"], shown["private"], shown["live"]) == ("ML-DSA-44", True, True)
        Path("public.jwk").write_text(json.dumps(shown["jwk"]))
        assert json.loads(done("key", "show", "public.jwk", "--json"))["private"] is False
        done("post", "--ledger", "ledger", stdin=signed(opening()))
        done("prove", METAL, "--ledger", "ledger", "-o", "lot.proof.json")
        checked = call("verify", "lot.proof.json", "--trust", f"ledger/{TRUST}", "--json")
        (proof,) = json.loads(checked.out)["proofs"]
        found = {check["check"]: check for check in proof["checks"]}
        assert found[2]["verdict"] == found[5]["verdict"] == "pass"
        done("audit", "ledger")

        # the checkpoint bears both signatures, and without one of them the proof is refused
        whole = json.loads(Path("lot.proof.json").read_text())
        text, lines = note.split(whole["checkpoint"])
        assert [len(signature) for _, _, signature in lines] == [64, 8 + 2420]
        for line in lines:
            alone = {**whole, "checkpoint": f"{text}\n{note.format_line(*line)}"}
            Path("half.proof.json").write_text(
                json.dumps(alone, separators=(",", ":"), ensure_ascii=False) + "\n"
            )
            half = call("verify", "half.proof.json", "--trust", f"ledger/{TRUST}")
            assert half.code == 1
            assert "both must" in half.out.replace("\n  ", " ")


def test_a_ledger_that_promised_two_signatures_does_not_go_on_with_one(tmp_path: Path) -> None:
    world = World()
    place, guard = tmp_path / "ledger", tmp_path / "guard"
    second = private_key("second", "ML-DSA-44")
    charter = world.sign(world.posted[0])
    create(place, charter, world.operator, lambda: world.now, guard, second=second).close()

    def opened() -> None:
        open_ledger(place, lambda: world.now, guard).close()

    opened()
    trust = Trust.parse((place / TRUST).read_text())
    assert [log.key.type for log in trust.logs] == [note.ED25519, note.ML_DSA_44]
    path = place / KEYS / SECOND
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(EnvironmentFault, match=r"key\.not_operator: trust\.policy asks"):
        opened()
    save_private(path, private_key("another", "ML-DSA-44"))
    with pytest.raises(EnvironmentFault, match=r"key\.not_operator"):
        opened()
    path.unlink()
    (place / TRUST).write_text("nonsense\n")  # nothing here rests on it
    opened()
    (place / TRUST).unlink()
    opened()
    path.touch(mode=0o600)
    path.write_bytes(kept)
    ledger = open_ledger(place, lambda: world.now, guard)
    world.now += 1000
    assert trust.check(ledger.publish()).checkpoint.size == ledger.store.head().size
    ledger.close()


def test_the_time_of_the_second_signature_is_the_clock_s(tmp_path: Path) -> None:
    world = World()
    second = private_key("second", "ML-DSA-44")
    charter = world.sign(world.posted[0])
    ledger = create(
        tmp_path / "ledger", charter, world.operator, lambda: world.now, tmp_path / "guard", second=second
    )
    published = ledger.publish()
    ledger.close()
    verifier = note.log_signer(ledger.name, second).verifier
    (found,) = note.open_note(published, [verifier]).signatures
    assert found.timestamp == world.now // 1000
    only = Trust.parse((tmp_path / "ledger" / TRUST).read_text())._replace(logs=())
    assert refusal(only.check, published)[0] == "trust.origin"
