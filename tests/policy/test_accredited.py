"""attested: whether the certifier was accredited, and by whom."""

from typing import Any

import pytest

from ledger.policy import Ask
from ledger.policy.shipped import schemes
from tests.policy.asking import BODY, CERTIFIER, asked, cert, step, verdict, wanted
from tests.policy.test_attested import MINES

ACCREDITED = cert(CERTIFIER, "accreditation", certifier=BODY, scope={"schemes": ["asi_performance"]})


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, "pass"),
        ({"scope": {"schemes": ["other"]}}, "fail"),
        ({"scope": {}}, "fail"),
        ({"certifier": CERTIFIER}, "fail"),  # accredits itself
        ({"certifier": ""}, "fail"),
        ({"status": "provisional"}, "fail"),
        ({"scheme": "asi_performance"}, "fail"),
        ({"subject": {"kind": "party", "id": BODY}}, "fail"),
        ({"subject": {"kind": "site", "id": CERTIFIER}}, "fail"),
        ({"held": [["2026-01-02T00:00:00Z", "2026-01-03T00:00:01Z"]]}, "pass"),
        ({"held": [["2026-01-02T00:00:01Z", "2027-01-01T00:00:00Z"]]}, "fail"),
        ({"held": [["2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"]]}, "fail"),
    ],
)
def test_the_certifier_is_accredited_at_the_time(members: dict[str, Any], expected: str) -> None:
    strict = wanted("attested", of={"stages": ["mining"]}, schemes=["asi_performance"], accredited=True)
    assert verdict(strict, steps=[step()], attestations=[cert(), {**ACCREDITED, **members}]) == expected
    assert verdict(MINES, steps=[step()], attestations=[cert()]) == "pass"


def accredits(by: str, whom: str) -> dict[str, Any]:
    return {**ACCREDITED, "certifier": by, "subject": {"kind": "party", "id": whom}}


def test_certifiers_do_not_accredit_each_other() -> None:
    strict = wanted("attested", of={"stages": ["mining"]}, schemes=["asi_performance"], accredited=True)
    third = "urn:x:party:third"

    def told(*more: dict[str, Any]) -> str:
        return verdict(strict, steps=[step()], attestations=[cert(), accredits(BODY, CERTIFIER), *more])

    assert told(accredits(BODY, third)) == told(accredits(third, BODY)) == "pass"
    assert told(accredits(CERTIFIER, third)) == "pass"
    assert told(accredits(CERTIFIER, BODY)) == "fail"
    assert told(accredits(CERTIFIER, third), accredits(third, BODY)) == "fail"
    site = {**accredits(CERTIFIER, BODY), "subject": {"kind": "site", "id": BODY}}
    assert told(site) == "pass"


def test_nobody_accredits_who_certifies_him() -> None:
    strict = wanted("attested", of={"stages": ["mining"]}, schemes=["asi_performance"], accredited=True)
    own, friend = step(party="urn:x:party:mine"), "urn:x:party:friend"

    def told(*more: dict[str, Any]) -> str:
        return verdict(strict, steps=[own], attestations=[cert(), *more])

    assert told(accredits(own["party"], CERTIFIER)) == "fail"
    assert told(accredits(own["party"], friend), accredits(friend, CERTIFIER)) == "fail"
    assert told(accredits(friend, CERTIFIER)) == "pass"
    assert told(accredits(own["party"], friend), accredits(BODY, CERTIFIER)) == "pass"


def test_accreditation_bodies_may_be_named() -> None:
    of = {"of": {"stages": ["mining"]}, "schemes": ["asi_performance"], "accredited": True}
    for body, expected in ((BODY, "pass"), (CERTIFIER, "fail")):
        strict = wanted("attested", **of, bodies=[body])
        assert verdict(strict, steps=[step()], attestations=[cert(), ACCREDITED]) == expected


def test_sentences_about_accreditation_and_certificates_that_never_held() -> None:
    strict = wanted("attested", of={"stages": ["mining"]}, schemes=["asi_performance"], accredited=True)
    assert "the certifier was not accredited" in asked(strict, steps=[step()], attestations=[cert()]).sentence
    assert "it never held" in asked(MINES, steps=[step()], attestations=[cert(held=[])]).sentence
    never = asked(strict, steps=[step()], attestations=[cert(held=[]), ACCREDITED])
    assert "it never held" in never.sentence  # whoever certified is accredited


def test_the_accreditation_is_asked_for_where_only_that_is_missing() -> None:
    strict = wanted("attested", of={"stages": ["mining"]}, schemes=["asi_performance"], accredited=True)
    elsewhere = cert(scope={"materials": ["alumina"]}, certifier="urn:x:party:other")
    found = asked(strict, steps=[step(materials=["bauxite"])], attestations=[cert(), elsewhere])
    assert found.ask == (Ask(CERTIFIER, schemes()["accreditation"].ask),)
    assert [event.id for event in found.events] == ["urn:x:event:source:mine", cert()["event"]["id"]]
    more = {"accredited": True, "ask": "Call."}
    own = wanted("attested", of={"stages": ["mining"]}, schemes=["asi_performance"], **more)
    assert asked(own, steps=[step()], attestations=[cert()]).ask == (Ask(CERTIFIER, "Call."),)
