"""Replays entries by docs/reference/rules.md, as far as it takes to see who may sign what (check 5), that no
mass is created or taken twice, that every hand-over has both its sides, and what the subject is made of.

Not judged here: process limits, owners' balances, marks, certificates of energy, weighbridge tickets,
what accounts come to.
"""

from books import Books
from c2sp import ed25519_verifies, ml_dsa_verifies, p256_verifies, unbase64
from lots import Refused, name_of
from values import jwk, seconds

RESERVED = {("recovery", "amend"), ("operator", "register")}
REGISTRY = {"amend", "party", "site", "key", "revoke_key", "correct", "revoke_attestation"}
FOUNDING = {"registrar": "registrar_keys", "recovery": "recovery_key", "operator": "operator_key"}
ALONE = {"key", "exit", "revoke_key", "correct"}


def verifies(octets: list[bytes], message: bytes, signature: bytes) -> bool:
    if len(octets) == 2:
        return p256_verifies(*octets, message, signature)
    return (ml_dsa_verifies if len(octets[0]) == 1312 else ed25519_verifies)(*octets, message, signature)


class Replay(Books):
    """Steps that every event takes, and the rules of the charter, parties, sites, keys and corrections."""

    # ---- every event

    def steps(self) -> None:
        event, type_ = self.event, self.event["type"]
        if there := self.get("event", self.name):
            raise Refused("event.duplicate" if there["digest"] == self.wrote["digest"] else "event.conflict")
        self.hold_to(event.get("rules", 1) == 1, "charter.rules")
        if type_ != "charter":
            self.hold_to(self.index, "charter.first")
            known = self.need("charters", "")["known"]
            in_force = max([at for at, effective in known if effective <= self.received], default=0)
            self.need("charter", str(self.charter_index))
            self.hold_to(self.charter_index == in_force, "charter.not_in_force")
            self.charter = self.need("charter", str(in_force))
            self.hold_to(event["ledger"] == self.charter["ledger"], "event.ledger")
            self.key = self.need("key", self.kid)
            self.hold_to(self.key["party"] == self.poster, "key.other_party")
            self.hold_to(not self.get("revoked", self.kid), "key.revoked")
            if self.key["use"] == "party":
                self.need("party", self.poster)
                self.stands("party", self.poster)
            elif self.key["use"] == "registrar" and type_ in REGISTRY:
                self.by_registrar()
            else:
                self.hold_to((self.key["use"], type_) in RESERVED, "key.reserved")
            if "site" in event:
                self.for_site(event["site"])
            elif type_ not in ALONE:
                self.hold_to(not self.key["sites"], "key.site")
        self.hold_to(self.time * 1000 <= self.received + 300_000, "time.future")
        self.hold_to(self.start <= self.time, "time.from")
        getattr(self, f"do_{type_}")()

    def stands(self, kind: str, key: str) -> None:
        status = self.get("standing", f"{kind} {key}").get("status", "active")
        self.hold_to(status == "active", f"{kind}.{status}")

    def by_registrar(self) -> None:
        self.hold_to(self.kid in self.charter["registrar"], "registrar.key")

    def for_site(self, site: str) -> None:
        self.hold_to(self.need("site", site)["operator"] == self.poster, "site.operator")
        self.stands("site", site)
        self.only_at([site])

    def only_at(self, sites: list[str]) -> None:
        limits = self.key["sites"]
        self.hold_to(not limits or (sites and set(sites) <= set(limits)), "key.site")

    def mark(self, about: str, mark: str, since: int = -1) -> None:
        """One more open mark of an event, a key or an attestation."""
        added = [mark, self.poster, self.name, self.received if since < 0 else since]
        self.put("status", about, {"marks": [*self.marks(about), added]})

    def marks(self, about: str) -> list:
        return self.get("status", about).get("marks", [])

    # ---- the charter, parties, sites, keys

    def founding_keys(self, old: dict) -> dict:
        new = dict(old)
        for use, member in FOUNDING.items():
            if member in self.event:
                given = self.event[member]
                keys = given if isinstance(given, list) else [given]
                new[use] = sorted(self.founding_key(key, use) for key in keys)
        return new | {
            "ledger": self.event["ledger"],
            "catalogue": self.event.get("catalogue", old.get("catalogue")),
        }

    def founding_key(self, key: dict, use: str) -> str:
        kid = jwk(key)[0]
        self.hold_to(use != "operator" or key["kty"] == "OKP", "charter.operator_key")
        there = self.get("key", kid) or {"party": self.poster, "use": use, "sites": []}
        self.hold_to((there["party"], there["use"]) == (self.poster, use), "key.registered")
        self.put("key", kid, there)
        return kid

    def do_charter(self) -> None:
        self.hold_to(self.index == 0 and self.charter_index == 0, "charter.again")
        founded = self.founding_keys({})
        self.hold_to(self.kid in founded["registrar"], "registrar.key")
        self.put("charter", "0", founded)
        self.put("charters", "", {"known": [(0, self.received)]})

    def do_amend(self) -> None:
        known = self.need("charters", "")["known"]
        last = self.need("charter", str(max(known)[0]))
        new = self.founding_keys(last)
        replaced = any(new[use] != last[use] for use in FOUNDING)
        may = last["recovery"] if replaced else last["recovery"] + self.charter["registrar"]
        self.hold_to(self.kid in may, "charter.signer")
        self.put("charter", str(self.index), new)
        self.put("charters", "", {"known": [*known, (self.index, self.received + 86_400_000)]})

    def do_party(self) -> None:
        self.by_registrar()
        self.hold_to(set(self.event["roles"]) <= set(self.charter["catalogue"]["roles"]), "party.role")
        self.registered("party", ("site", "lot"))
        if "successor" in self.event:
            self.need("party", self.event["successor"])
        self.put(
            "party",
            self.event["subject"],
            {"event": self.name} | {name: self.event[name] for name in ("name", "prefixes", "roles")},
        )

    def do_site(self) -> None:
        self.by_registrar()
        self.hold_to(set(self.event["kinds"]) <= set(self.charter["catalogue"]["site_kinds"]), "site.kind")
        self.registered("site", ("party", "lot"))
        self.need("party", self.event["operator"])
        about = {name: self.event[name] for name in ("operator", "kinds", "country", "subdivision")}
        self.put("site", self.event["subject"], {"event": self.name} | about)

    def registered(self, kind: str, others: tuple[str, str]) -> None:
        event = self.event
        replaces = name_of(event["replaces"]) if "replaces" in event else None
        self.hold_to(self.get(kind, event["subject"]).get("event") == replaces, f"{kind}.replaces")
        self.hold_to(not any(self.get(other, event["subject"]) for other in others), f"{kind}.exists")
        self.put("standing", f"{kind} {event['subject']}", {"status": event.get("status", "active")})
        if replaces:
            self.touched.append((kind, event["subject"]))

    def do_key(self) -> None:
        event, subject = self.event, self.event["subject"]
        self.need("party", subject)
        kid, _, octets = jwk(event["jwk"])
        self.hold_to(not self.get("key", kid), "key.registered")
        keys = self.get("keys", subject).get("known", [])
        if subject == self.poster and self.key["use"] == "party":
            self.only_at(event.get("sites", []))
        else:
            self.by_registrar()
            self.hold_to(all(self.get("revoked", kid) for kid, _, _ in keys), "key.live")
        message = f"oreline-possession/1\n{event['ledger']}\n{subject}\n{kid}\n".encode()
        self.hold_to(
            verifies(octets, message, unbase64(event["proof"], "event.value", url=True)), "key.possession"
        )
        for site in event.get("sites", []):
            self.hold_to(self.need("site", site)["operator"] == subject, "site.operator")
        self.put("key", kid, {"party": subject, "use": "party", "sites": event.get("sites", [])})
        self.put("keys", subject, {"known": [*keys, (kid, self.kid, self.received)]})

    def do_revoke_key(self) -> None:
        key = self.need("key", self.event["kid"])
        self.hold_to(key["use"] == "party", "key.charter")
        if key["party"] != self.poster:
            self.by_registrar()
        self.only_at(key["sites"])
        since = seconds(self.event["since"]) * 1000 if "since" in self.event else self.received
        self.hold_to(since <= self.received, "time.future")
        ended = {self.event["kid"]}
        if "since" in self.event:
            for kid, by, received in self.get("keys", key["party"])["known"]:
                ended |= {kid} if by in ended and received >= since else set()
        for kid in ended:
            self.put("revoked", kid, {"by": self.name})
            self.mark(f"key {kid}", "revoked", since)
            self.touched.append(("key", kid))

    def do_register(self) -> None:
        self.hold_to(self.kid == self.charter["operator"][0], "register.key")
        self.hold_to(self.event["size"] == self.index, "register.size")

    # ---- corrections and attestations

    def do_correct(self) -> None:
        of = name_of(self.event["of"])
        event = self.need("event", of)
        self.only_at(self.need("key", event["kid"])["sites"])
        self.touched.append(("event", of))
        self.hold_to(not self.get("withdrawn", of), "correct.withdrawn")
        getattr(self, f"{self.event['action']}s")(of, event)

    def certifies(self) -> bool:
        return self.charter["catalogue"]["certifier_role"] in self.get("party", self.poster).get("roles", [])

    def disputes(self, of: str, event: dict) -> None:
        registrar = self.kid in self.charter["registrar"]
        mine = self.poster == event["poster"] or self.poster in event["others"]
        certifier = self.certifies() and event["type"] not in ("charter", "amend")
        self.hold_to(mine or registrar or certifier, "correct.entitled")
        open_ = [mark[:2] for mark in self.marks(f"event {of}")]
        self.hold_to(["disputed", self.poster] not in open_, "correct.disputed")
        self.mark(f"event {of}", "disputed")

    def resolves(self, of: str, event: dict) -> None:
        registrar = self.kid in self.charter["registrar"]
        other = self.poster in event["others"] and self.poster != event["poster"]
        kept = [
            [mark, party, *more]
            for mark, party, *more in self.marks(f"event {of}")
            if not (
                (mark == "disputed" and (registrar or party == self.poster))
                or (mark == "difference" and (registrar or other))
            )
        ]
        self.hold_to(len(kept) < len(self.marks(f"event {of}")), "correct.nothing_open")
        self.put("status", f"event {of}", {"marks": kept})

    def amends(self, of: str, event: dict) -> None:
        self.hold_to(event["poster"] == self.poster, "correct.poster")
        if "replaced_by" in self.event:
            self.need("event", name_of(self.event["replaced_by"]))
        self.mark(f"event {of}", "amended")

    def withdraws(self, of: str, event: dict) -> None:
        self.withdraw(of, event)
        self.put("status", f"event {of}", {"marks": [["withdrawn", self.poster, self.name, self.received]]})

    def do_attest(self) -> None:
        subject = self.event["subject"]
        self.hold_to(self.certifies(), "attest.certifier")
        kinds = ("party", "site", "lot") if isinstance(subject, str) else ("event",)
        key = subject if isinstance(subject, str) else name_of(subject)
        there = [kind for kind in kinds if self.get(kind, key)]
        if not there:
            raise Refused("attest.subject", "event")
        self.touched.append((there[0], key))
        self.put("attestation", self.name, {"by": self.poster})
        if self.event["status"] in ("suspended", "withdrawn"):
            self.mark(f"attestation {self.name}", self.event["status"])

    def do_revoke_attestation(self) -> None:
        of, status = name_of(self.event["of"]), self.event["status"]
        attestation = self.need("attestation", of)
        self.touched += [("event", of), ("attestation", of)]
        registrar = self.kid in self.charter["registrar"]
        self.hold_to(attestation["by"] == self.poster or registrar, "attest.other")
        marks = self.marks(f"attestation {of}")
        self.hold_to(all(mark[0] != "withdrawn" for mark in marks), "attest.withdrawn")
        self.put("status", f"attestation {of}", {"marks": []})
        if status != "reinstated":
            self.mark(f"attestation {of}", status, seconds(self.event["since"]) * 1000)
