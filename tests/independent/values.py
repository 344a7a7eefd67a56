"""Strict JSON, values, keys, and sharing out grams: docs/reference/formats/values.md and statements.md."""

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from math import ceil

from c2sp import Bad, base64url, ec, ed25519_key, unbase64

# ---- Strict JSON


def strict_json(data: bytes, depth: int = 32) -> object:
    """The value; Bad where any of the rules of values.md is broken."""

    def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(pairs)) < len(pairs):
            raise Bad("json.duplicate")
        if "__proto__" in dict(pairs):
            raise Bad("json.proto")
        return dict(pairs)

    def whole(text: str) -> int:
        if text == "-0":
            raise Bad("json.number", text)
        if len(text) > 17 or abs(int(text)) >= 2**53:
            raise Bad("json.range", text)
        return int(text)

    def refuse(text: str) -> object:
        raise Bad("json.number", text)

    def look(value: object, left: int) -> None:
        if isinstance(value, str) and re.search("[\ud800-\udfff]", value):
            raise Bad("json.surrogate")
        if isinstance(value, (dict, list)):
            if not left:
                raise Bad("json.depth")
            for inner in value if isinstance(value, list) else [*value, *value.values()]:
                look(inner, left - 1)

    try:
        value = json.loads(
            data.decode(),
            object_pairs_hook=members,
            parse_int=whole,
            parse_float=refuse,
            parse_constant=refuse,
        )
    except UnicodeDecodeError:
        raise Bad("json.utf8") from None
    except ValueError:
        raise Bad("json.bom" if data.startswith(b"\xef\xbb\xbf") else "json.syntax") from None
    except RecursionError:
        raise Bad("json.depth") from None
    look(value, depth)
    return value


# ---- Values

ID = re.compile(r"[a-z][a-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]+")
UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f-\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)


def grams(text: str) -> int:
    return decimal(text, 3)


def millionths(text: str) -> int:
    return decimal(text, 6)


def decimal(text: str, places: int) -> int:
    whole, _, fraction = text.partition(".")
    return int(whole + fraction.ljust(places, "0"))


def seconds(text: str) -> int:
    """Seconds since 1970 of a time that is known to be rightly spelt; fractions are cut off."""
    moment = datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    days = moment.toordinal() - datetime(1970, 1, 1, tzinfo=UTC).toordinal()
    return days * 86400 + moment.hour * 3600 + moment.minute * 60 + moment.second


def spelt(time: int) -> str:
    """A time from its seconds since 1970."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=time)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def in_month(time: int) -> tuple[str, int]:
    """The calendar month, and when the next one begins."""
    month = spelt(time)[:7]
    years, months = divmod(12 * int(month[:4]) + int(month[5:]), 12)
    return month, seconds(f"{years:04}-{months + 1:02}-01T00:00:00Z")


def milliseconds(instant: str) -> int:
    return seconds(instant) * 1000 + int(instant[20:23])


def is_time(text: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", text):
        return False
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return text[17:19] <= "59"


def is_id(text: str) -> bool:
    return len(text) <= 256 and bool(ID.fullmatch(text))


def is_text(text: str) -> bool:
    return 1 <= len(text) <= 500 and not UNSEEN.search(text)


def is_name(text: str) -> bool:
    trimmed = text.strip() == text and not UNSEEN.search(text)
    return 1 <= len(text) <= 200 and trimmed and unicodedata.is_normalized("NFC", text)


def is_period(text: str) -> bool:
    first, _, last = text.partition("/")
    return is_time(first + "T00:00:00Z") and is_time(last + "T00:00:00Z") and first <= last


def is_gln(text: str) -> bool:
    weighed = sum(
        int(digit) * (1 + 2 * (n % 2)) for n, digit in enumerate(text) if text.isascii() and text.isdigit()
    )
    return bool(re.fullmatch("[0-9]{13}", text)) and weighed % 10 == 0


def pattern(expression: str) -> Callable[[str], bool]:
    return lambda text: bool(re.fullmatch(expression, text, re.ASCII))


STRINGS: dict[str, Callable[[str], bool]] = {
    "id": is_id,
    "time": is_time,
    "text": is_text,
    "name": is_name,
    "period": is_period,
    "gln": is_gln,
    "ledger": pattern(r"[!-*,-~]{1,128}"),
    "mass": pattern(r"(?!0(\.0*)?$)(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?"),
    "amount": pattern(r"(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?"),
    "share": pattern(r"0(\.[0-9]{1,6})?|1(\.0{1,6})?"),
    "word": pattern(r"[a-z][a-z0-9_]{0,63}"),
    "material": pattern(r"[a-z][a-z0-9_-]{0,63}"),
    "label": pattern(r"[!-~]{1,64}"),
    "unit": pattern(r"[A-Za-z%][A-Za-z0-9_/%.-]{0,31}"),
    "media_type": pattern(r"(?=.{3,128}$)[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}"),
    "country": pattern(r"[A-Z]{2}"),
    "subdivision": pattern(r"[A-Z]{2}-[A-Z0-9]{1,3}"),
    "grid": pattern(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?"),
    "sha256": pattern(r"[0-9a-f]{64}"),
    "root": pattern(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="),
    "kid": pattern(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"),
    "signature": pattern(r"[A-Za-z0-9_-]{85}[AQgw]|[A-Za-z0-9_-]{3226}[AEIMQUYcgkosw048]"),
    "latitude": pattern(r"-?(90(\.0{1,6})?|[1-8]?[0-9](\.[0-9]{1,6})?)"),
    "longitude": pattern(r"-?(180(\.0{1,6})?|(1[0-7][0-9]|[1-9]?[0-9])(\.[0-9]{1,6})?)"),
}

# ---- Keys

KINDS = {
    ("OKP", "Ed25519"): (["crv", "x"], ["Ed25519", "EdDSA"]),
    ("EC", "P-256"): (["crv", "x", "y"], ["ES256"]),
    ("AKP", "ML-DSA-44"): (["alg", "pub"], ["ML-DSA-44"]),
}


def jwk(key: dict[str, object]) -> tuple[str, list[str], list[bytes]]:
    """A public key's kid, the names of its algorithm, and its coordinates."""
    kind = (key.get("kty"), key.get("alg" if key.get("kty") == "AKP" else "crv"))
    if kind not in KINDS:
        raise Bad("key.type", str(kind))
    names, algorithms = KINDS[kind]
    required = sorted(["kty", *names])
    if "d" in key or "priv" in key:
        raise Bad("key.private")
    if not all(isinstance(key.get(name), str) for name in required):
        raise Bad("key.member")
    if set(key) - {*required, "kid", "use", "key_ops", "alg", "ext"}:
        raise Bad("key.member")
    if key.get("use", "sig") != "sig" or key.get("alg", algorithms[0]) not in algorithms:
        raise Bad("key.use")
    length = 1312 if kind[0] == "AKP" else 32
    octets = [unbase64(str(key[name]), "key.encoding", length, url=True) for name in names[1:]]
    if kind[0] == "OKP" and not ed25519_key(octets[0]):
        raise Bad("key.point")
    if len(octets) == 2:
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + b"".join(octets))
        except ValueError:
            raise Bad("key.point") from None
    plain = json.dumps({name: key[name] for name in required}, separators=(",", ":"))
    return base64url(sha256(plain.encode()).digest()), algorithms, octets


# ---- What a lot is made of: origins in milligrams, and those whose share rounds to nothing

Rows = list[tuple[str, int]]
Made = tuple[Rows, list[str]]


def apportion(total: int, weights: Rows) -> Rows:
    """Shares in whole numbers that sum exactly: rounded down, and one more for the largest remainders."""
    whole = sum(weight for _, weight in weights)
    if total == 0:
        return [(name, 0) for name, _ in weights]
    parts = [divmod(total * weight, whole) for _, weight in weights]
    left = total - sum(floor for floor, _ in parts)
    favoured = set(sorted(range(len(parts)), key=lambda n: (-parts[n][1], n))[:left])
    return [(name, parts[n][0] + (n in favoured)) for n, (name, _) in enumerate(weights)]


def settle(rows: Rows, traces: list[str]) -> Made:
    nothing = {name for name, amount in rows if not amount}
    return [row for row in rows if row[1]], sorted(nothing | set(traces))


def pure(origin: str, amount: int) -> Made:
    """So many grams of one origin."""
    return [(origin, 1000 * amount)], []


def share(made: Made, taken: int) -> Made:
    """What so many milligrams of it are made of."""
    return settle(apportion(taken, made[0]), made[1])


def in_whole_grams(made: Made, mass: int) -> Made:
    """As it is shown to people."""
    return settle(apportion(mass, made[0]), made[1]) if made[0] else made


def keeps(process: dict, material: str) -> bool:
    return "same" in process["outputs"] or material in process["outputs"]


def most(process: dict, mass: int) -> int:
    """What can come of it."""
    low, high = map(millionths, process["ratio"])
    best = mass * 10**6 // max(low, 1) if process.get("per") == "output" else mass * high // 10**6
    return min(mass, best)


def weights_in(process: dict, parts: list[tuple[str, int]], made: int) -> list[int]:
    """What material and grams of each part weigh among others, in milligrams: `made` grams come of all."""
    stay = [taken for material, taken in parts if keeps(process, material)]
    go = [taken for material, taken in parts if not keeps(process, material)]
    weights = []
    for material, taken in parts:
        weight = mass = 1000 * taken
        if stay and not keeps(process, material):
            came = ceil(Fraction(mass * (made - sum(stay)), sum(go)))
            weight = min(mass, max(1, most(process, mass), came))
        weights.append(weight)
    return weights


def there_was(process: dict, parts: list[tuple[int, dict, int]], made: list[dict], ahead: list[dict]) -> int:
    """From when on there was enough, of (since, lot, grams), for those ahead of all that are made."""
    inputs, out = sum(taken for _, _, taken in parts), mass_of(made)
    needed = max(1, mass_of(ahead) * inputs // max(inputs, out))
    products = mass_of([line for line in ahead if line.get("role") != "by_product"])
    adds = process.get("per") != "output" and millionths(process["ratio"][1]) > 10**6
    times = sorted({since for since, _, _ in parts})
    for time in times:
        there = [(lot["material"], taken) for since, lot, taken in parts if since <= time]
        keep = sum(taken for name, taken in there if keeps(process, name))
        all_ = sum(taken for _, taken in there)
        if all_ >= needed and (adds or keep + most(process, all_ - keep) >= products):
            return time
    return times[-1]


def mass_of(lines: list[dict]) -> int:
    return sum(grams(line["kg"]) for line in lines)


def split(parts: list[tuple[Made, int]], outputs: list[int]) -> list[Made]:
    """What each output is made of, drawn in turn from what the inputs put in, each by its weight."""
    weights: dict[str, int] = {}
    for made, weight in parts:
        rows, traces = share(made, weight)
        for name, amount in rows + [(name, 0) for name in traces]:
            weights[name] = weights.get(name, 0) + amount
    left = apportion(1000 * sum(outputs), sorted(weights.items()))
    result = []
    for amount in outputs:
        drawn = apportion(1000 * amount, left)
        left = [(name, had - got) for (name, had), (_, got) in zip(left, drawn, strict=True)]
        result.append(settle(drawn, []))
    return result
