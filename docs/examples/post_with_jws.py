"""Record a cast with a JWS library and Python's standard library; nothing of Oreline is needed here.

    pip install "pyjwt[crypto]"
    python post_with_jws.py URL KEY.jwk HEAT KG_IN KG_OUT

for example, with the demo's ledger served by ``oreline serve oreline-demo``:

    python post_with_jws.py http://127.0.0.1:8117 oreline-demo/keys/laterriere-casthouse.jwk H26-0315 1000 985

Exit codes: 0 recorded (now or before), 1 refused, 2 not known yet: run it again.
"""

import base64
import hashlib
import json
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import jwt

WAITS = (0.5, 1, 2, 4, 8, 16)  # seconds between attempts


def event(heat: str, kg_in: str, kg_out: str) -> dict[str, Any]:
    """A cast, as the furnace log tells it. Its id comes from the heat: the same heat is the same event."""
    lots = "urn:oreline-demo:lot:laterriere"
    return {
        "ledger": "oreline.example/demo",
        "type": "transform",
        "id": f"urn:oreline-demo:event:laterriere:cast-{heat}",
        "time": "2026-03-15T09:00:00Z",
        "party": "urn:oreline-demo:party:laterriere",
        "site": "urn:oreline-demo:site:laterriere-casthouse",
        "process": "cast",
        "inputs": [{"lot": f"{lots}:crucibles-0219", "kg": kg_in}],
        "outputs": [
            {"lot": f"{lots}:sows-{heat}", "kg": kg_out, "material": "remelt_ingot", "marks": {"heat": heat}}
        ],
        "model": "mass_balance",
    }


def sign(payload: bytes, jwk: dict[str, str]) -> str:
    """A statement: JWS compact serialisation with exactly the header members alg, kid and typ."""
    key = jwt.PyJWK(jwk, algorithm="ES256" if jwk["kty"] == "EC" else "EdDSA")
    headers = {"kid": thumbprint(jwk), "typ": "oreline+jws"}
    return jwt.PyJWS().encode(payload, key.key, algorithm=key.algorithm_name, headers=headers)


def payload_of(statement: str) -> bytes:
    """What was signed: the middle part, base64url without its padding."""
    middle = statement.split(".")[1]
    return base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4))


def thumbprint(jwk: dict[str, str]) -> str:
    """RFC 7638: SHA-256 over the required members, sorted, without white space."""
    public = {name: jwk[name] for name in ("crv", "kty", "x", "y") if name in jwk}
    digest = hashlib.sha256(json.dumps(public, sort_keys=True, separators=(",", ":")).encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def post(url: str, statements: list[str]) -> tuple[int, dict[str, Any]]:
    """Status and answer. To post the same again is always safe, so whatever may pass is tried again."""
    body = json.dumps(statements).encode()
    headers = {"Content-Type": "application/json"}
    for wait in (*WAITS, 0):
        try:
            request = urllib.request.Request(f"{url.rstrip('/')}/events", body, headers)
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.headers.get_content_type() == "application/problem+json":
                return error.code, json.load(error)
            print(f"the server answers {error.code}", file=sys.stderr)
        except (OSError, ValueError) as error:  # ValueError: what answers there is no ledger
            print(f"no answer: {error}", file=sys.stderr)
        time.sleep(wait)
    return 0, {}


def main(url: str, key_file: str, heat: str, kg_in: str, kg_out: str) -> int:
    """Sign once, keep what was signed, post it until there is an answer."""
    kept = Path(f"{heat}.jws")
    cast = event(heat, kg_in, kg_out)
    if kept.exists():  # it may be in the ledger: what is signed anew would be another event under its id
        if json.loads(payload_of(kept.read_text())) != cast:
            print(f"{kept} was signed before with other figures, and is posted as it is", file=sys.stderr)
    else:
        try:
            jwk = json.loads(Path(key_file).read_text())
        except (OSError, ValueError) as error:
            print(f"no key: {error}", file=sys.stderr)
            return 2
        kept.write_text(sign(json.dumps(cast).encode(), jwk))
    status, answer = post(url, [kept.read_text()])
    if status == 200:
        (receipt,) = answer["outcomes"]
        print(f"entry {receipt['index']}, {'already there' if receipt['duplicate'] else 'recorded'}")
        return 0
    for problem in answer.get("problems", ()):
        print(f"{problem['code']} at {problem['path']}: {problem['detail']}")
        print(f"what to do: {problem['remedy']}")
    if status:
        kept.unlink()  # it is not in the ledger: correct the data and sign anew
    return 1 if status else 2


if __name__ == "__main__":
    if len(sys.argv) != 6:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))
