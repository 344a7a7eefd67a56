"""Masses, times, ids, names and ratios have one spelling; sharing out loses no gram."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import quantity
from ledger.errors import Malformed


def refused(function, text):
    with pytest.raises(Malformed) as caught:
        function(text)
    return caught.value.code


MAX_GRAMS = 999_999_999_999_999
FIRST, LAST = (
    int(datetime(year, *rest, tzinfo=UTC).timestamp())
    for year, *rest in ((1, 1, 1), (9999, 12, 31, 23, 59, 59))
)


@given(st.integers(1, MAX_GRAMS))
def test_a_mass_survives_being_written(grams):
    assert quantity.parse_kg(quantity.format_kg(grams)) == grams


@given(st.integers(FIRST, LAST))
def test_a_time_survives_being_written_and_is_what_the_calendar_says(seconds):
    text = quantity.format_time(seconds)
    assert quantity.parse_time(text) == seconds
    assert datetime.fromisoformat(text).timestamp() == seconds


@given(st.integers(FIRST * 1000, LAST * 1000 + 999))
def test_an_instant_survives_being_written(milliseconds):
    assert quantity.parse_instant(quantity.format_instant(milliseconds)) == milliseconds


@given(st.integers(0, 10**18 - 1))
def test_a_ratio_survives_being_written(millionths):
    assert quantity.parse_ratio(quantity.format_ratio(millionths)) == millionths


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("1.5", 1500),
        ("1.500", 1500),
        ("0.001", 1),
        ("17400", 17_400_000),
        ("999999999999.999", MAX_GRAMS),
        ("10", 10_000),
        ("0.05", 50),
    ],
)
def test_masses(text, grams):
    assert quantity.parse_kg(text) == grams


def test_masses_are_written_as_short_as_can_be():
    assert [quantity.format_kg(g) for g in (1500, 1000, 1, 10, 100_000)] == [
        "1.5",
        "1",
        "0.001",
        "0.01",
        "100",
    ]


def test_masses_are_shown_to_people_with_separators():
    assert [quantity.shown_kg(grams) for grams in (1, 8000, 999_999, 1_000_000, 36_000_000_500)] == [
        "0.001 kg", "8 kg", "999.999 kg", "1,000 kg", "36,000,000.5 kg",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "",
        "01",
        "1.",
        ".5",
        "-1",
        "+1",
        "1e3",
        "1.0000",
        "1000000000000",
        " 1",
        "1 ",
        "1\n",
        "1,5",
        "٣",
        "1.٣",
        "NaN",
    ],
)
def test_other_spellings_of_mass_are_refused(text):
    assert refused(quantity.parse_kg, text) == "value.mass"


@pytest.mark.parametrize("text", ["0", "0.0", "0.000"])
def test_no_mass_is_refused(text):
    assert refused(quantity.parse_kg, text) == "value.mass_zero"


def test_months():
    at = quantity.parse_time
    year = quantity.months(at("2025-11-30T23:59:59Z"), at("2026-02-01T00:00:00Z"))
    assert year == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert quantity.months(at("9999-12-01T00:00:00Z"), at("9999-12-31T23:59:59Z")) == ["9999-12"]


def test_times():
    assert quantity.parse_time("1970-01-01T00:00:00Z") == 0
    assert quantity.parse_time("2026-03-02T06:00:01Z") == 1772431201
    assert quantity.parse_time("1969-12-31T23:59:59Z") == -1
    assert quantity.parse_instant("2026-03-02T06:00:01.123Z") == 1772431201123


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02T06:00:60Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T06:60:00Z",
        "2026-03-02 06:00:00Z",
        "2026-03-02T06:00:00z",
        "2026-03-02T06:00:00",
        "2026-03-02T06:00:00+00:00",
        "2026-03-02T06:00:00.000Z",
        "26-03-02T06:00:00Z",
        "2026-3-2T06:00:00Z",
        "٢٠٢٦-03-02T06:00:00Z",
        "2026-03-02T06:00:00Z\n",
        "",
    ],
)
def test_other_spellings_of_time_are_refused(text):
    assert refused(quantity.parse_time, text) == "value.time"


@pytest.mark.parametrize(
    "day", ["2026-02-29", "2026-02-30", "2026-13-01", "2026-00-10", "2026-01-00", "0000-01-01"]
)
def test_days_that_never_were_are_refused(day):
    assert refused(quantity.parse_time, f"{day}T06:00:00Z") == "value.date"
    assert refused(quantity.parse_instant, f"{day}T06:00:00.000Z") == "value.date"


def test_leap_days_are_days():
    assert quantity.parse_time("2024-02-29T00:00:00Z") == 1709164800


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02T06:00:01Z",
        "2026-03-02T06:00:01.12Z",
        "2026-03-02T06:00:01.1234Z",
        "2026-03-02T06:00:60.000Z",
        "2026-03-02T25:00:00.000Z",
        "2026-03-0206T:00:01.123Z",
        "",
    ],
)
def test_other_spellings_of_instants_are_refused(text):
    assert refused(quantity.parse_instant, text) == "value.instant"


@pytest.mark.parametrize(
    "text",
    [
        "urn:epc:id:sgtin:0614141.107346.2017",
        "https://id.example/01/0950600013435?x=1#a",
        "a:b",
        "tag:x@y,2026:z",
        "urn:" + "x" * 252,
    ],
)
def test_ids(text):
    assert quantity.check_id(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lot-1",
        "URN:x:y",
        "Urn:x",
        "urn:",
        ":x",
        "1a:b",
        "urn:a b",
        "urn:a%20b",
        "urn:a\tb",
        "urn:a\n",
        "urn:é",
        "urn:<b>",
        'urn:"',
        "urn:{x}",
        "urn:a\\b",
        "urn:a|b",
        "urn:\u200b",
        "urn:" + "x" * 253,
    ],
)
def test_what_is_no_id_is_refused(text):
    assert refused(quantity.check_id, text) == "value.id"


@pytest.mark.parametrize(
    "text", ["Aluminerie Alma", "Île d'Orléans", "力拓", "Ελλάδα", "x", "n" * 200, "A & B <C>"]
)
def test_names(text):
    assert quantity.check_name(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "n" * 201,
        "e\u0301",
        "\u212b",
        " a",
        "a ",
        "a\u00a0",
        "a\u200bb",
        "a\u202eb",
        "a\u2066b",
        "a\u200fb",
        "a\u061cb",
        "a\ufeffb",
        "a\u0000b",
        "a\nb",
        "a\u0085b",
        "a\u00adb",
        "a\u3164b",
        "a\ufe0fb",
        "a\u2028b",
        "a\ud800b",
        "a\ue000b",
        "a\ufffcb",
        "a\U000e0041b",
        "a\U0010fffd",
    ],
)
def test_names_that_mislead_are_refused(text):
    assert refused(quantity.check_name, text) == "value.name"


def test_ratios():
    assert quantity.parse_ratio("1.889") == 1_889_000
    assert quantity.parse_ratio("0") == 0
    assert quantity.parse_ratio("0.000001") == 1
    assert quantity.format_ratio(1_889_000) == "1.889"


@pytest.mark.parametrize("text", ["", "01", "1.", "1.0000001", "-1", "1e1", "1/2", "1000000000000", "1\n"])
def test_other_spellings_of_ratio_are_refused(text):
    assert refused(quantity.parse_ratio, text) == "value.ratio"


def test_whole_numbers():
    assert [quantity.parse_whole(text) for text in ("0", "7", "9007199254740991")] == [0, 7, 2**53 - 1]


@pytest.mark.parametrize(
    "text",
    ["", "1_0", "+1", "-1", " 1", "1\n", "01", "00", "1.0", "1e3", "0x1", "\u0661", "\u00b2", "9" * 17],
)
def test_other_spellings_of_whole_numbers_are_refused(text):
    with pytest.raises(ValueError, match="no number in digits"):
        quantity.parse_whole(text)


def test_what_is_shown_of_bad_input_is_short_and_ascii():
    with pytest.raises(Malformed) as caught:
        quantity.parse_kg("é" * 1000)
    assert caught.value.detail.isascii()
    assert len(caught.value.detail) < 300


WEIGHTS = st.dictionaries(st.text(max_size=4), st.integers(0, 10**15), min_size=1, max_size=12).map(
    lambda found: sorted(found.items())
)


@given(st.integers(0, MAX_GRAMS), WEIGHTS.filter(lambda weights: any(w for _, w in weights)))
def test_sharing_out_is_exact_and_within_a_gram(total, weights):
    shares = quantity.apportion(total, weights)
    whole = sum(weight for _, weight in weights)
    assert [id for id, _ in shares] == [id for id, _ in weights]
    assert sum(grams for _, grams in shares) == total
    for (_, grams), (_, weight) in zip(shares, weights, strict=True):
        assert abs(grams - Fraction(total * weight, whole)) < 1


@given(WEIGHTS.filter(lambda weights: any(w for _, w in weights)), st.integers(0, MAX_GRAMS))
def test_the_largest_remainders_get_the_grams_that_are_left(weights, total):
    whole = sum(weight for _, weight in weights)
    parts = [
        (grams - total * w // whole, -(total * w % whole), id)
        for (id, grams), (_, w) in zip(quantity.apportion(total, weights), weights, strict=True)
    ]
    lucky = sorted(part[1:] for part in parts if part[0])
    assert lucky == sorted(part[1:] for part in parts)[: len(lucky)]


def test_ties_go_to_the_smaller_id_and_empty_rows_stay():
    assert quantity.apportion(2, [("a", 1), ("b", 1), ("c", 1)]) == [("a", 1), ("b", 1), ("c", 0)]
    assert quantity.apportion(5, [("a", 0), ("b", 1)]) == [("a", 0), ("b", 5)]
    assert quantity.apportion(0, [("a", 0), ("b", 0)]) == [("a", 0), ("b", 0)]
    assert quantity.apportion(0, []) == []


def test_a_slab_of_the_third_heat_is_shared_out_as_worked_by_hand():
    # Heats with a heel, in exact shares: unknown 2/675, A 7/1080, B 71/72, post-consumer 1/225.
    common = 5400
    weights = [("a", 7 * 5), ("b", 71 * 75), ("post", 24), ("unknown", 16)]
    assert sum(w for _, w in weights) == common
    assert dict(quantity.apportion(17_400_000, weights)) == {
        "unknown": 51_556,
        "a": 112_778,
        "b": 17_158_333,
        "post": 77_333,
    }


@pytest.mark.parametrize(
    ("total", "weights"),
    [(-1, [("a", 1)]), (1, [("b", 1), ("a", 1)]), (1, [("a", 1), ("a", 1)]), (1, [("a", 0)]), (1, [])],
)
def test_sharing_out_by_nonsense_is_our_own_bug(total, weights):
    with pytest.raises(AssertionError):
        quantity.apportion(total, weights)


def test_things_are_counted_in_words() -> None:
    assert quantity.counted(1, "entry", "entries") == "1 entry"
    assert quantity.counted(2_000, "party", "parties") == "2,000 parties"
    assert quantity.counted(4, "batch", "batches") == "4 batches"
    assert quantity.counted(21, "month") == "21 months"
