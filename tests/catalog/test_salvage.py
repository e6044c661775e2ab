"""What is left of a file without what is wrong in it."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ivr.catalog.mistakes import refuse
from ivr.catalog.salvage import beside, may_be, salvage
from ivr.catalog.source import read


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")
    size: Annotated[int, Field(ge=1)] = 7
    name: str


def _fits(part: Part) -> Part:
    if part.size > 100:
        raise refuse("too large", "make it smaller")
    return part


class File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    top: str
    parts: dict[str, Annotated[Part, AfterValidator(_fits)]] = Field(default_factory=dict)
    row: list[Part] = Field(default_factory=list)


def left(text, instead=lambda path: None):
    source = read(text, "f.yaml")
    before = repr(source.data)
    found = salvage(File, source, None, instead)
    assert repr(source.data) == before
    return found


def test_a_file_that_is_right_is_left_whole():
    found = left("top: a\nparts: {x: {size: 3, name: b}}\n")
    assert (found.cuts, found.problems) == (frozenset(), ())
    assert found.shape.parts["x"].size == 3


def test_wrong_empty_and_unknown_values_are_left_out_and_the_rest_stays():
    found = left("top: a\nparts:\n  x: {size: many, name: b}\n  y: {name: c, other: 1}\n  z:\nextra: 1\n")
    assert {name: (part.size, part.name) for name, part in found.shape.parts.items()} == {"x": (7, "b"), "y": (7, "c")}
    assert found.cuts == {("parts", "x", "size"), ("parts", "y", "other"), ("parts", "z"), ("extra",)}


def test_what_cannot_be_without_a_part_goes_with_it():
    found = left("top: a\nparts: {x: {name: [b]}, y: {name: c}}\n")
    assert list(found.shape.parts) == ["y"]
    assert {("parts", "x", "name"), ("parts", "x")} <= found.cuts


def test_something_harmless_may_stand_for_it():
    found = left("parts: {x: {name: [b]}}\n", {("top",): "t", ("parts", "x"): {"name": "n"}}.get)
    assert (found.shape.top, found.shape.parts["x"].name) == ("t", "n")
    assert {("top",), ("parts", "x")} <= found.cuts


def test_of_a_list_the_whole_is_left_out_so_that_no_place_moves():
    found = left("top: a\nrow: [{name: b}, text, {name: c}]\n")
    assert (found.shape.row, found.cuts) == ([], {("row",)})


def test_where_nothing_is_left_there_is_nothing():
    assert left("parts: {}\n") is None
    assert left("top: a\nparts: {x: {name: [b]}}\n", {("parts", "x"): {"name": ["b"]}}.get) is None


def test_mistakes_that_show_only_then_are_told():
    (problem,) = left("top: a\nparts: {x: {size: 200, name: b, other: 1}}\n").problems
    assert (problem.line, problem.column, problem.what) == (2, 12, "too large")


def test_a_key_may_be_what_is_near_to_it_or_anything():
    known = frozenset(["ladders", "commands"])
    assert may_be("commands", "commands", known) and not may_be("ladders", "commands", known)
    assert may_be("comands", "commands", known) and not may_be("comands", "ladders", known)
    assert may_be("zzz", "commands", known) and may_be("zzz", "ladders", known)


def test_beside_is_within_one_ladder():
    assert beside(("on", "no_input", 1, "count"), [("on", "no_input", 0)])
    assert not beside(("on", "no_input", 1), [("on", "no_match", 0)])
    assert beside(("states", "a", "menu", "no_input", 0), [("states", "a", "menu")])
    assert not beside(("states", "a", "menu", "no_input", 0), [("states", "a", "set"), ("states", "b")])
