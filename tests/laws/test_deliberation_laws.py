"""Laws of counting votes, of deadlines on the wall, and of matching paragraphs."""

from __future__ import annotations

import datetime
import zoneinfo

from hypothesis import assume, given
from hypothesis import strategies as st

from ipmd.apps.deliberation.counting import ABSTAIN, AGAINST, FOR, MEMBERS, SIMPLE, TWO_THIRDS, VOTING, Rule, count
from ipmd.apps.deliberation.deadlines import Case, resolve
from ipmd.apps.deliberation.differences import match
from ipmd.core.similarity.differences import Op

MOST = 12
members = st.integers(0, MOST).map(range)
votes = st.dictionaries(st.integers(0, MOST + 3), st.sampled_from([FOR, AGAINST, ABSTAIN]), max_size=MOST)
rules = st.builds(Rule, st.integers(0, 100), st.sampled_from([SIMPLE, TWO_THIRDS]), st.sampled_from([VOTING, MEMBERS]))
SWAPPED = {FOR: AGAINST, AGAINST: FOR, ABSTAIN: ABSTAIN}


@given(members, votes, rules)
def test_every_vote_of_a_member_is_counted_once_and_no_other(seats: range, cast: dict[int, str], rule: Rule) -> None:
    tally = count(seats, cast, rule)
    assert tally.took_part == len([seat for seat in cast if seat in seats])
    assert tally == count(seats, {seat: choice for seat, choice in cast.items() if seat in seats}, rule)
    assert tally.took_part <= tally.members == len(seats)


@given(members, votes, rules, st.randoms())
def test_order_does_not_matter(seats: range, cast: dict[int, str], rule: Rule, random: object) -> None:
    shuffled = list(cast.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert count(seats, dict(shuffled), rule) == count(seats, cast, rule)


@given(members, votes, rules)
def test_a_proposal_and_its_opposite_are_never_both_adopted(seats: range, cast: dict[int, str], rule: Rule) -> None:
    opposite = {seat: SWAPPED[choice] for seat, choice in cast.items()}
    assert not (count(seats, cast, rule).is_adopted and count(seats, opposite, rule).is_adopted)


@given(members, votes, rules, st.integers(0, MOST))
def test_who_turns_to_for_never_undoes_an_adoption(seats: range, cast: dict[int, str], rule: Rule, seat: int) -> None:
    if count(seats, cast, rule).is_adopted:
        assert count(seats, cast | {seat: FOR}, rule).is_adopted


@given(members, votes, rules, st.integers(0, MOST))
def test_who_turns_to_against_never_makes_an_adoption_of_those_taking_part(
    seats: range, cast: dict[int, str], rule: Rule, seat: int
) -> None:
    # Somebody new against a proposal may bring the quorum, so this is for those who voted already.
    if seat in cast and not count(seats, cast, rule).is_adopted:
        assert not count(seats, cast | {seat: AGAINST}, rule).is_adopted


@given(members, votes, rules)
def test_two_thirds_is_at_least_a_simple_majority_and_of_members_at_least_of_those_voting(
    seats: range, cast: dict[int, str], rule: Rule
) -> None:
    if count(seats, cast, rule).is_adopted:
        assert count(seats, cast, Rule(rule.quorum, SIMPLE, rule.among)).is_adopted
        assert count(seats, cast, Rule(rule.quorum, rule.majority, VOTING)).is_adopted


@given(members, votes, rules)
def test_without_somebody_for_it_nothing_is_adopted(seats: range, cast: dict[int, str], rule: Rule) -> None:
    tally = count(seats, cast, rule)
    assert not tally.is_adopted or tally.for_it > 0
    assert tally.is_adopted == (tally.has_quorum and tally.for_it >= tally.needed)


@given(
    st.dates(datetime.date(1995, 1, 1), datetime.date(2035, 12, 31)),
    st.times().map(lambda time: time.replace(second=0, microsecond=0)),
    st.sampled_from(["Europe/Brussels", "America/New_York", "Australia/Lord_Howe", "Africa/Dakar", "Asia/Kathmandu", "Pacific/Apia"]),
)
def test_a_deadline_is_what_the_wall_says_unless_clocks_go_forward_over_it(day: datetime.date, time: datetime.time, zone: str) -> None:
    deadline = resolve(day, time, zone)
    wall = deadline.instant.astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None)
    typed = datetime.datetime.combine(day, time)
    if deadline.case is Case.SKIPPED:
        # Never earlier than typed, and the wall never showed what was typed.
        assert wall > typed
    else:
        assert wall == typed
    if deadline.case is Case.TWICE:
        assert resolve(day, time, zone).instant > datetime.datetime.combine(day, time, zoneinfo.ZoneInfo(zone)).astimezone(datetime.UTC)


texts = st.lists(st.text("abc de", min_size=1, max_size=30).filter(str.strip), max_size=6)


@given(texts, texts)
def test_every_paragraph_of_both_versions_is_told_once_in_its_order(before: list[str], after: list[str]) -> None:
    pairs = match(before, after)
    assert [pair.before for pair in pairs if pair.before is not None] == list(range(len(before)))
    assert [pair.after for pair in pairs if pair.after is not None] == list(range(len(after)))
    for pair in pairs:
        old = "".join(segment.text for segment in pair.segments if segment.op is not Op.INSERT)
        new = "".join(segment.text for segment in pair.segments if segment.op is not Op.DELETE)
        assert old == (before[pair.before] if pair.before is not None else "")
        assert new == (after[pair.after] if pair.after is not None else "")


@given(texts)
def test_the_same_text_has_no_differences(text: list[str]) -> None:
    assert all(pair.is_same for pair in match(text, text))


@given(texts, st.integers(0, 5))
def test_a_paragraph_left_out_leaves_the_others_as_they_are(text: list[str], place: int) -> None:
    assume(place < len(text) and len(set(text)) == len(text))
    pairs = match(text, text[:place] + text[place + 1 :])
    assert [pair.before for pair in pairs if pair.after is None] == [place]
    assert all(pair.is_same for pair in pairs if pair.after is not None)
