"""Whatever is done to good files, `ivr check` answers with problems and never with a traceback."""

import json
import shutil

import pytest
from corpus import BASE, CORPUS, case
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.cli.main import main
from ivr.dialog.dialog_file import read_dialog
from ivr.project.starter import starter_root

STARTER = (starter_root() / "prompts/dialogs/main.yaml").read_text()
TEXTS = [STARTER] + [text for path in CORPUS for file, text in case(path).files.items() if "dialogs" in file]
CALLS = "prompts/calls/x.yaml"
CALLERS = [(starter_root() / "prompts/calls/balance.yaml").read_text()] + [
    text for path in CORPUS for file, text in case(path).files.items() if "calls" in file
]

edits = st.lists(
    st.tuples(
        st.sampled_from(["delete", "double", "swap", "byte", "cut", "indent"]),
        st.integers(0, 10_000),
        st.integers(0, 10_000),
        st.binary(min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=4,
)


def spoiled(text: str, changes) -> bytes:
    data = text.encode()
    for kind, here, there, bytes_ in changes:
        lines = data.splitlines(keepends=True)
        if not lines:
            break
        a, b, at = here % len(lines), there % len(lines), here % (len(data) + 1)
        match kind:
            case "delete":
                del lines[a]
            case "double":
                lines.insert(b, lines[a])
            case "swap":
                lines[a], lines[b] = lines[b], lines[a]
            case "indent":
                lines[a] = b" " * (there % 5) + lines[a].lstrip()
        data = b"".join(lines)
        if kind == "byte":
            data = data[:at] + bytes_ + data[at + 1 :]
        elif kind == "cut":
            data = data[:at] + data[at + there % 9 :]
    return data


@pytest.mark.parametrize("file", [*(name for name in BASE if name.endswith(".yaml")), CALLS])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_check_never_ends_in_a_traceback(rendered, tmp_path, capsys, file, data):
    root = tmp_path / "spoiled"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(rendered, root)
    usual = TEXTS if "dialogs" in file else CALLERS if file == CALLS else [BASE[file]]
    text = data.draw(st.sampled_from(usual))
    (root / file).parent.mkdir(exist_ok=True)
    (root / file).write_bytes(spoiled(text, data.draw(edits)))
    capsys.readouterr()
    status = main(["check", str(root), "--json"])
    out, err = capsys.readouterr()
    answer = json.loads(out)
    assert status == (0 if answer["ok"] else 1) and not err
    for problem in answer["problems"]:
        assert problem["line"] >= 1 and problem["column"] >= 1 and problem["what"] and problem["remedy"]


KEYS = st.sampled_from(["1", "2", "9", "*", "#"])
NAMES = st.sampled_from(["a", "b", "c", "d", "e"])


@st.composite
def rung(draw):
    leave = draw(st.sampled_from(["", "goto", "dialog", "hang_up"]))
    target = {"": {}, "goto": {"goto": draw(NAMES)}, "dialog": {"dialog": "main"}, "hang_up": {"hang_up": "yes"}}[leave]
    return {**({"say": "wait"} if draw(st.booleans()) else {}), **target, "reprompt": "no"}


@st.composite
def state(draw):
    asks = {
        "no_input": draw(st.lists(rung(), min_size=1, max_size=3)),
        "no_match": draw(st.lists(rung(), min_size=1, max_size=3)),
        **({"max_errors": {"limit": 3, **draw(rung())}} if draw(st.booleans()) else {}),
    }
    exits = {
        "goto": draw(NAMES),
        "menu": {"options": draw(st.dictionaries(KEYS, NAMES, min_size=1)), **asks},
        "collect": {"as": "amount", "digits": "2-4", "goto": draw(NAMES), **asks},
        "confirm": {"yes": draw(NAMES), "no": draw(NAMES), **asks},
        "dialog": {"run": "main", "with": {"amount": "1"}, "as": "amount", "goto": draw(NAMES)},
        "branch": [{"if": "amount > 1", "goto": draw(NAMES)}, {"goto": draw(NAMES)}],
        "return": "yes",
        "hang_up": "yes",
    }
    exit = draw(st.sampled_from(sorted(exits)))
    said = {"say": draw(st.sampled_from(["hello", "sum", "law"]))} if draw(st.booleans()) else {}
    lookup = {"run": "shop.left", "as": "amount"} | ({"failed": draw(NAMES)} if draw(st.booleans()) else {})
    return {**said, **({"lookup": lookup} if draw(st.booleans()) else {}), exit: exits[exit]}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=st.fixed_dictionaries({name: state() for name in "abcde"}), back=st.booleans())
def test_any_dialog_that_is_well_formed_is_examined(rendered, tmp_path, capsys, states, back):
    root = tmp_path / "made"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(rendered, root)
    commands = {"commands": {"*": "back"}} if back else {}
    text = json.dumps({"dialog": "main", "start": "a", **commands, "states": states}, indent=1)
    assert read_dialog(text, "x.yaml")[1] == []
    (root / "prompts/dialogs/main.yaml").write_text(text)
    capsys.readouterr()
    main(["check", str(root), "--json"])
    json.loads(capsys.readouterr().out)
