import pytest

from ivr.project.checks.unsaid import unsaid


def names(project):
    problems, unsure = unsaid(project.sources())
    assert not unsure
    return [problem.what.split("'")[1] for problem in problems]


def test_what_dialogs_settings_and_covers_say_is_said(little):
    assert names(little) == []


def test_a_phrase_that_nobody_says_is_told_at_its_place(little):
    little.replace("prompts/phrases/en-US.yaml", "  wait:", "  lost: Nobody says this.\n  wait:")
    problems, unsure = unsaid(little.sources())
    assert [str(problem) for problem in problems] == [
        f"{little.root}/prompts/phrases/en-US.yaml:5:3: nobody says 'lost', say it in a dialog, or remove it"
    ]
    assert not unsure


def test_phrases_of_a_prompt_are_said_where_it_is(little):
    extra = "  a: A.\n  b: B.\n  c: C.\nprompts:\n  both: [[a], [b]]\n  neither: [c]\n"
    little.replace(
        "prompts/phrases/en-US.yaml", "  music: {sound: music.wav}\n", "  music: {sound: music.wav}\n" + extra
    )
    assert names(little) == ["a", "b", "c"]
    little.replace("prompts/dialogs/main.yaml", "[hello, sum]", "[hello, sum, both]")
    assert names(little) == ["c"]


def test_another_language_says_what_the_first_one_does(little):
    little.write("prompts/phrases/es-US.yaml", "locale: es-US\nphrases:\n  hello: Hola.\n  solo: Nadie.\n")
    assert names(little) == ["solo"]


def test_a_rung_of_the_project_says_its_words(little):
    little.replace("prompts/phrases/en-US.yaml", "  wait:", "  again: Again.\n  wait:")
    assert names(little) == ["again"]
    little.replace("prompts/ivr.yaml", "cover:", "on: {no_input: [{say: again}]}\ncover:")
    assert names(little) == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("NAME = 'menu_one'", {"menu_one"}),
        ("def f(n): return f'menu_{n}'", {"menu_one", "menu_two"}),
        ("def f(n): return 'menu_' + n", {"menu_one", "menu_two"}),
        ("def f(n): return 'me' + n + '_two'", {"menu_two"}),
        ("def f(n): return 'menu_%s' % n", {"menu_one", "menu_two"}),
        ("def f(n): return '{}_one'.format(n)", {"menu_one"}),
        ("def f(n): return 'menu_%(n)s' % {'n': n}", {"menu_one", "menu_two"}),
        ("def f(a, b): return f'{a}_{b}'", {"menu_one", "menu_two"}),
        ("def f(a): return a + 'e'", set()),
        ("def f(n): return f'{n}' + n", set()),
        ("def f(n): raise ValueError(f'{n} is none')", set()),
    ],
)
def test_code_says_what_it_has_as_a_text_or_could_make(little, code, said):
    little.replace("prompts/phrases/en-US.yaml", "  wait:", "  menu_one: One.\n  menu_two: Two.\n  wait:")
    little.write("prompts/more.py", code + "\n")
    assert set(names(little)) == {"menu_one", "menu_two"} - said


def test_a_threshold_says_nothing(little):
    little.replace("prompts/phrases/en-US.yaml", "  wait:", "  lost: Nobody.\n  wait:")
    little.replace("prompts/ivr.yaml", "cover:", "thresholds: ['prompt.lost.late.p95 <= 3s']\ncover:")
    assert names(little) == ["lost"]


@pytest.mark.parametrize(
    ("file", "text", "where"),
    [
        ("prompts/dialogs/other.yaml", "dialog: other\nstart: [\n", "other.yaml"),
        ("prompts/dialogs/other.yaml", "dialog: other\nstart: top\nstates: {top: {sya: hello}}\n", "other.yaml"),
        ("prompts/more.py", "def (\n", "more.py"),
        ("prompts/phrases/es-US.yaml", "locale: es-US\nphrases: {hello: }\n", "words or settings"),
    ],
)
def test_where_something_cannot_be_read_that_is_said_instead(little, file, text, where):
    little.replace("prompts/phrases/en-US.yaml", "  wait:", "  lost: Nobody.\n  wait:")
    little.write(file, text)
    problems, unsure = unsaid(little.sources())
    assert problems == []
    assert where in unsure
