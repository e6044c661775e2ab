"""What simulated calls really did, turn by turn: from their traces, by no rule of ``ivr.strategy``."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from ivr.simulator.cell import run_cell
from ivr.simulator.many import ready
from ivr.trace.events import FirstAudio, PromptSaid, StateEntered, SynthesisStarted, TurnStarted
from ivr.trace.report import COVERS, percentiles
from ivr.trace.sound import Outcome, SegmentStarted, Strategy, UtteranceHeard


@dataclass
class Turns:
    """By state, prompt and attempt."""

    ttfa: dict = field(default_factory=lambda: defaultdict(list))
    """Of turns whose first prompt it is."""
    strategies: dict = field(default_factory=lambda: defaultdict(Counter))
    """Of those that were heard to their end: what sounded, covers left out."""
    live: Counter = field(default_factory=Counter)
    """Live segments that were heard."""
    spliced: Counter = field(default_factory=Counter)
    """Values that were heard from fragments."""
    covered: Counter = field(default_factory=Counter)
    """Live segments and values from fragments with a cover before them."""
    said: Counter = field(default_factory=Counter)
    """Whether or not it was heard."""
    characters: int = 0
    states: Counter = field(default_factory=Counter)

    def figures(self, key):
        return percentiles(self.ttfa[key], (50, 95))


def said_turns(order):
    """Make the calls of ``order`` and read their traces."""
    made, found = ready(order), Turns()
    for cell in made.world.cells(order.calls):
        for call in run_cell(made.world, cell):
            _read(call.trace, found)
    return made, found


def _read(trace, found):
    state, first, said, sounds, late, begun = "", None, {}, {}, set(), set()
    for event in trace:
        match event:
            case StateEntered():
                state = event.state
                found.states[state] += 1
            case TurnStarted():
                first = None
            case PromptSaid():
                said[event.utterance] = key = (state, event.prompt, event.attempt)
                sounds[event.utterance] = []
                found.said[key] += 1
                first = first or key
            case FirstAudio() if first is not None:
                found.ttfa[first].append(event.ttfa)
            case SynthesisStarted():
                found.characters += len(event.text)
            case SegmentStarted() if event.utterance in said and event.strategy in COVERS:
                late.add(event.segment)
            case SegmentStarted() if event.utterance in said and event.strategy is not Strategy.SILENCE:
                key, heard = said[event.utterance], sounds[event.utterance]
                counted = {Strategy.STREAM: found.live, Strategy.FRAGMENTS: found.spliced}.get(event.strategy)
                if counted is not None and event.segment not in begun:
                    begun.add(event.segment)
                    counted[key] += 1
                    found.covered[key] += event.segment in late
                if heard[-1:] != [event.strategy.value]:
                    heard.append(event.strategy.value)
            case UtteranceHeard(outcome=outcome) if outcome is not Outcome.CLEARED and event.utterance in sounds:
                found.strategies[said[event.utterance]][" then ".join(sounds[event.utterance])] += 1
