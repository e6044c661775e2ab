import pytest

from ivr.dialog.jsonpath import at, steps

DOCUMENT = {"a": {"b c": [1, {"x": None}, False]}, "it's": 2, "": 3, "é": 4}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", DOCUMENT),
        ("$.a['b c'][0]", 1),
        ('$["a"]["b c"][-1]', False),
        ("$.a['b c'][1].x", None),
        (r"$['it\'s']", 2),
        ("$['']", 3),
        ("$.é", 4),
        ("$[ 'a' ]", DOCUMENT["a"]),
    ],
)
def test_values_are_found(path, value):
    assert at(DOCUMENT, path) is value or at(DOCUMENT, path) == value


@pytest.mark.parametrize("path", ["$.b", "$.a.b", "$[0]", "$.a['b c'].x", "$.a['b c'][3]", "$.a['b c'][-4]", "$.é.x"])
def test_what_is_not_there_shows_no_value(path):
    with pytest.raises(LookupError, match=r"there is nothing at \$"):
        at(DOCUMENT, path)


@pytest.mark.parametrize(
    ("path", "offset"),
    [("", 0), ("a", 0), ("$a", 1), ("$..a", 1), ("$.a[", 3), ("$[*]", 1), ("$[01]", 1), ("$.1", 1), ("$.a ", 3)],
)
def test_what_is_no_path(path, offset):
    with pytest.raises(ValueError) as error:
        steps(path)
    assert error.value.args == (offset,)
