"""The words of a locale in several files: they are one catalogue, and what stands twice is told with both places."""

import pytest

from ivr.errors import ProjectError
from ivr.project.reading.wordings import words_of

MENU = "prompts/phrases/en-US/menu.yaml"


def read(project):
    problems = []
    words, everything = words_of(project.root / "prompts/phrases", problems)
    return words, everything, [str(problem).removeprefix(f"{project.root}/prompts/phrases/") for problem in problems]


def test_files_of_one_locale_are_one_catalogue(little):
    little.write(MENU, "locale: en-US\nphrases:\n  menu: Press one.\nprompts:\n  main: [hello, menu]\n")
    little.write(
        "prompts/phrases/errors.yaml", "locale: en-US\nphrases:\n  again: Once more.\nprompts:\n  bad: [again, menu]\n"
    )
    words, everything, problems = read(little)
    assert (problems, everything, list(words)) == ([], True, ["en-US"])
    catalogue = words["en-US"].catalogue
    assert {"hello", "sum", "menu", "again"} <= set(catalogue.phrases)
    assert catalogue.prompts["main"].variants == (("hello", "menu"),)
    assert catalogue.prompts["bad"].variants == (("again", "menu"),)
    assert words["en-US"].right
    assert words["en-US"].whole
    project = little.load()
    assert set(project.catalogue("en-US").phrases) == set(catalogue.phrases)


def test_a_file_may_have_prompts_alone_where_another_has_phrases(little):
    for name in ("a.yaml", "z/z.yaml"):
        little.write(f"prompts/phrases/{name}", "locale: en-US\nprompts:\n  both: [hello, sorry]\n")
        words, everything, problems = read(little)
        assert (problems, everything) == ([], True)
        assert words["en-US"].catalogue.prompts["both"].variants == (("hello", "sorry"),)
        assert words["en-US"].whole and words["en-US"].right
        (little.root / "prompts/phrases" / name).unlink()


def test_what_a_file_with_prompts_alone_gets_wrong_is_told(little):
    little.write("prompts/phrases/a.yaml", "locale: en-US\nprompts:\n  both: [hello, sorri]\n")
    _, _, problems = read(little)
    assert problems == ["a.yaml:3:17: no phrase 'sorri', did you mean 'sorry'?"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("locale: de-DE\nprompts:\n  both: [hello]\n", "a.yaml:1:1: 'phrases' is missing"),
        ("locale: en-US\n", "a.yaml:1:1: 'phrases' is missing"),
        ("locale: en-US\nphrases:\nprompts:\n  both: [hello]\n", "a.yaml:2:1: 'phrases' is empty"),
        ("locale: en-US\nphrase: {a: A.}\nprompts:\n  both: [a]\n", "a.yaml:2:1: unknown key 'phrase'"),
    ],
)
def test_elsewhere_phrases_are_wanted(little, text, told):
    little.write("prompts/phrases/a.yaml", text)
    _, _, problems = read(little)
    assert [problem for problem in problems if problem.startswith(told)] == problems != []


def test_they_are_built_and_collected_like_those_of_one_file(little, voice):
    one = little.render(voice)
    text = "  sorry: Sorry.\n"
    little.replace("prompts/phrases/en-US.yaml", text, "")
    little.write(MENU, f"locale: en-US\nphrases:\n{text}")
    report = little.render(voice)
    assert (set(report.ready), report.orphaned, report.problems) == ({*one.rendered, "music"}, (), ())


def test_a_problem_of_a_clip_names_its_own_file(little, voice):
    little.write(MENU, "locale: en-US\nphrases:\n\n  menu: Press one.\n")
    voice.fails["Press one."] = [OSError("no")] * 9
    (problem,) = little.render(voice).failed.values()
    assert str(problem).startswith(f"{little.root}/{MENU}:4:9: 'menu' was not rendered")


def test_what_stands_in_two_files_names_both_and_neither_is_built(little, voice):
    little.write(MENU, "locale: en-US\nphrases:\n  menu: Press one.\n  sorry: So sorry.\nprompts:\n  main: menu\n")
    little.write("prompts/phrases/z.yaml", "locale: en-US\nphrases:\n  z: Zed.\nprompts:\n  main: hello\n")
    first = f"{little.root}/prompts/phrases"
    _, _, problems = read(little)
    assert problems == [
        f"en-US/menu.yaml:4:3: the phrase 'sorry' stands in {first}/en-US.yaml:6 too, remove one of the two",
        f"en-US/menu.yaml:6:3: the prompt 'main' stands in {first}/z.yaml:5 too, remove one of the two",
    ]
    report = little.render(voice)
    assert set(report.rendered) == {"hello", "sum", "sum.2", "wait", "menu", "z"}
    assert not report.ok
    assert not little.sources().whole


def test_a_prompt_of_a_phrase_in_no_file_is_told(little):
    little.write(MENU, "locale: en-US\nphrases:\n  menu: Press one.\nprompts:\n  main: [hello, meny]\n")
    _, _, problems = read(little)
    assert problems == ["en-US/menu.yaml:5:17: no phrase 'meny', did you mean 'menu'?"]


def test_a_prompt_may_say_what_could_not_be_read_in_another_file(little):
    little.write(MENU, "locale: en-US\nphrases:\n  menu: {sond: x.wav}\n  Bad name: Words.\n")
    little.write("prompts/phrases/z.yaml", "locale: en-US\nphrases:\n  z: Zed.\nprompts:\n  main: [z, menu, hello]\n")
    words, _, problems = read(little)
    assert len(problems) == 2
    assert all(problem.startswith("en-US/menu.yaml:") for problem in problems)
    assert words["en-US"].catalogue.prompts["main"].variants == (("z", "menu", "hello"),)
    with pytest.raises(ProjectError):
        little.load()


def test_a_file_that_cannot_be_read_may_hold_what_a_prompt_says(little):
    little.write(MENU, "locale: en-US\nphrases: [\n")
    little.write("prompts/phrases/z.yaml", "locale: en-US\nphrases:\n  z: Zed.\nprompts:\n  main: [z, menu]\n")
    words, everything, problems = read(little)
    assert not everything
    assert all(problem.startswith("en-US/menu.yaml:") for problem in problems)
    assert "main" in words["en-US"].catalogue.prompts


def test_what_is_hidden_or_no_yaml_is_left_alone_and_links_are_told(little):
    little.write("prompts/phrases/.old/menu.yaml", "locale: en-US\nphrases:\n  menu: Press one.\n")
    little.write("prompts/phrases/en-US/notes.txt", "Later.")
    _, everything, problems = read(little)
    assert (everything, problems) == (True, [])
    (little.root / "prompts/phrases/en-US/round").symlink_to(little.root / "prompts/phrases")
    _, everything, problems = read(little)
    assert not everything
    assert problems == ["en-US/round:1:1: a link to a directory is not followed, put the directory itself there"]
