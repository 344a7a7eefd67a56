"""Facts of one lot, given by hand."""

from collections.abc import Iterable, Mapping, Sequence

from ledger.claims import document
from ledger.claims.account import Account, Visit, Where
from ledger.claims.document import Ref, Thing, Unshown
from ledger.claims.facts import Attested, MonthOf, Registrations
from ledger.claims.method import DEFAULT, Method
from ledger.quantity import parse_time
from ledger.register import Hold, Lot, Month, Owner, Party, Used
from ledger.rules.catalogue import Catalogue
from tests.claims.making import CATALOGUE, Works, gas
from tests.claims.test_placed import registered

AT_ONCE = [registered(0, "2026-01-01T00:00:00Z")]


class Told:
    """Facts of one lot of a works."""

    subject = "l:slab"
    method: Method = DEFAULT
    catalogues: tuple[tuple[int, Catalogue], ...] = ((0, CATALOGUE),)  # since (s)
    as_of = document.AsOf(ledger="example.com/ledger", size=9)
    proof: document.Proof | None = None
    unshown: frozenset[Unshown] = frozenset()

    def __init__(self, account: Account, lot: Lot) -> None:
        self.account = account
        self.lot = lot
        self.given: dict[tuple[str, str], list[Attested]] = {}
        self.booked: dict[MonthOf, Month] | None = {}
        self.drawn: dict[tuple[str, str], int] | None = {}
        self.asked: list[list[Thing]] = []
        self.said: dict[str, Registrations] = {}

    def marks_on_it(self) -> Mapping[str, str]:
        return {"slab": "S-1"}

    def hold(self) -> Hold | None:
        return Hold("p:holder", "s:x", 0, "", "", False, False, "p:x e:1")

    def owner(self) -> Owner | None:
        return Owner("p:owner", "", "", 0, "p:x e:1")

    def used(self) -> Used | None:
        return Used(300)

    def refs(self, indices: Iterable[int]) -> Mapping[int, Ref]:
        return {index: Ref(party="p:x", id=f"e:{index}", index=index) for index in indices if index != 3}

    def catalogue(self, until: int) -> Catalogue:
        return next(one for since, one in reversed(self.catalogues) if since * 1000 <= until)

    def registered(self, kind: str, ids: Iterable[str]) -> Mapping[str, Registrations]:
        return {id: self.said.get(id, AT_ONCE) for id in ids if id.startswith(kind[0])}

    def parties(self, ids: Iterable[str]) -> Mapping[str, Party]:
        return {id: Party(id.upper(), "AU", (), (), "", "p:r e:1") for id in ids}

    def attestations(self, subjects: Iterable[Thing]) -> Sequence[Attested]:
        things = list(subjects)
        self.asked.append(things)
        return [one for thing in things for one in self.given.get((thing.kind, thing.id), ())]

    def papers(self, visits: Mapping[Where, Visit]) -> Mapping[Where, Sequence[document.Document]]:
        paper = document.Document(sha256="0" * 64)
        return {where: [paper, paper] for where in visits if where[2] == "source:mine"}

    def marks(self) -> Sequence[document.Mark]:
        return [document.Mark(mark="disputed", by="p:doubter")]

    def months(self, wanted: Iterable[MonthOf]) -> Mapping[MonthOf, Month] | None:
        months = set(wanted)
        return None if self.booked is None else {key: self.booked[key] for key in months & self.booked.keys()}

    def spent(self, wanted: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], int] | None:
        pairs = set(wanted)
        return None if self.drawn is None else {one: self.drawn[one] for one in pairs & self.drawn.keys()}

    def accounts(self) -> Sequence[document.Account]:
        return [document.Account(id="a:1", party="p:keeper")]

    def agreements(self) -> Sequence[document.Agreement]:
        return [document.Agreement(party="p:seller", other="p:buyer")]

    def coc(self) -> Sequence[document.CocDocument]:
        return [document.CocDocument(issuer="p:issuer", customer="p:customer")]

    def fates(self) -> Sequence[document.Fate]:
        return [document.Fate(fate="stock")]


def a_slab() -> Told:
    """The facts of a slab of ore, old scrap and a little that was bought."""
    works = Works()
    works.time = "2026-01-05T06:00:00Z"
    paper = {"name": "log", "sha256": "0" * 64}
    works.source("ore", "bauxite", "4", emissions=gas("1"), evidence=[paper])
    works.time = "2026-01-07T06:00:00Z"
    works.transform(
        "refine", {"ore": "4"}, {"alumina": ("alumina", "2")}, site="s:refinery", emissions=gas("1")
    )
    works.time = "2026-01-31T06:00:00Z"
    works.transform(
        "electrolysis",
        {"alumina": "2"},
        {"metal": ("liquid_aluminium", "1")},
        site="s:smelter",
        party="smelter",
        emissions=gas("1.3", 1, "CO2") + gas("0", 1, "CF4") + gas("0.2", 3),
        **{"from": "2025-12-30T06:00:00Z"},
        energy=[
            {
                "carrier": "electricity",
                "amount": "13",
                "unit": "kWh",
                "source": "hydro",
                "instrument": "c:hydro",
            }
        ],
    )
    works.source(
        "old", "post_consumer_scrap", "0.333333"[:5], kind="collection", site="s:yard", emissions=gas("0")
    )
    works.source("bought", "remelt_ingot", "0.001", kind="purchase", emissions=gas("0"))
    works.transform(
        "cast",
        {"metal": "1", "old": "0.333", "bought": "0.001"},
        {"slab": ("rolling_slab", "1.3")},
        site="s:casthouse",
        model="mass_balance",
        emissions=gas("0.1"),
    )
    composition = (("addition urn:alloys", 1), ("mine s:mine", 1_299_999))
    since = parse_time("2026-01-31T06:00:00Z")
    lot = Lot(
        "rolling_slab",
        1_300,
        False,
        "product",
        "p:maker",
        "s:x",
        since,
        "p:x e:9",
        composition,
        ("unknown x",),
    )
    return Told(works.accounts["l:slab"], lot)
