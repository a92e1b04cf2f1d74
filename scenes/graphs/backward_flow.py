"""How does the result react to each input?

Backward visits the nodes of a recorded program in the engine's order. Each node multiplies its
gradient by the local derivative of every input and sends the product there, as a stream that is as
wide as the gradient is large; where several paths meet, the contributions add up. Large programs
are shown folded.
"""

from __future__ import annotations

from manim import UP, AnimationGroup, FadeOut, Succession, VGroup, Write

from gradreel.draw.exchange import exchange
from gradreel.draw.folded import FoldedGraph, readable_graph
from gradreel.draw.folded.folded_graph import cards_are_separate, is_legible
from gradreel.draw.graph import TapeGraph
from gradreel.draw.graph.graph_layout import layout_graph
from gradreel.draw.graph.step_names import step_name
from gradreel.draw.layout import Rect, bounding_rect, content_area, fit_into
from gradreel.draw.modules import module_map
from gradreel.draw.no_motion import together
from gradreel.draw.tensors.grad_table import GradTable
from gradreel.lecture.backprop_scene import (
    BackpropScene,
    chosen_part,
    chosen_pass,
    forward_caption,
    op_on_card,
)
from gradreel.lecture.beat import Beat
from gradreel.lecture.controls import Drag, Pick
from gradreel.lecture.formula_shelf import shelf_formula
from gradreel.measure.example_programs import load_chosen_program
from gradreel.params import ProgramParams, param
from gradreel.scenes.graphs.graph_board import GraphBoard, programs
from gradreel.scenes.graphs.graph_stage_figure import graph_stage
from gradreel.scenes.graphs.joins import AFTER_PASS, GRAPH
from gradreel.scenes.graphs.leaf_buckets_figure import LeafBuckets, bucket_leaves
from gradreel.scenes.graphs.local_rules_figure import LocalRules, has_rules
from gradreel.scenes.graphs.pass_captions import PassLesson, StepLesson, is_plain_pass
from gradreel.scenes.graphs.path_sum_figure import Path, PathSum, summed_paths
from gradreel.tape import Step, Tape

RULE_ABOVE = 0.35  # how far the rule may stick out of the board, if nothing is in its way
RULE_IS_READ = 1.6  # seconds
NAME_GOES, NUMBER_COMES = 0.2, 0.4  # seconds: soon after the sentence begins
BOARD_FIRST = ((True, True), (False, True), (False, False))  # (with buckets, with a board)
BUCKETS_FIRST = ((True, True), (True, False), (False, True), (False, False))
LEAST_FONT = 24.4  # of the names of nodes: 22 pixels of a 1080p picture


class BackwardFlow(BackpropScene):
    begins_with = GRAPH
    ends_with = AFTER_PASS
    touch = (
        Pick("program", "board.program", programs),
        Drag("x", "board.x", -4, 4, recorded=(-2.0, 1.0, 2.0)),
        Drag("y", "board.y", -4, 4, recorded=(-1.0, 1.0, 3.0)),
        Drag("step", "board.step", 0, "board.most_steps", step=1),
    )

    class Params(ProgramParams):
        backward: int = param(0, "which backward pass is shown, from 1; 0 is the last one", ge=0)
        inside: str = param("", "the folded part of a large program that is entered, or none")

    paths: tuple[Path, ...] = ()
    lesson: PassLesson | None = None
    buckets: LeafBuckets | None = None
    path_sum: PathSum | None = None
    rules: LocalRules | None = None

    def construct(self) -> None:
        tape = self.tape = load_chosen_program(self.params).record()
        backward = self.backward = chosen_pass(tape, self.params.backward)
        self.show_pass_count(tape, backward)
        plain = self.plain_graph(tape, backward)
        graph = self.graph = plain or self.large_graph(tape, backward)
        part, target = None, frozenset[str]()
        if isinstance(graph, FoldedGraph):
            part, target = chosen_part(graph, self.params.inside, backward)
        if plain is not None:
            self.lesson = PassLesson(plain, backward)
            self.write_on_board(plain)
            self.play_opening(plain)
        else:
            self.play_forward(graph)
        self.play_backward(graph, part, backward, target)
        if plain is not None and self.path_sum is not None:
            self.play_path_sum(plain)
        if plain is None:
            self.play_gradients(tape, backward)
            return
        self.close(graph=VGroup(graph, *graph.streams.values()))

    def large_graph(self, tape: Tape, backward: int) -> TapeGraph:
        """The graph of any other program: in rows if it is made of modules."""
        if not tape.module_calls:
            return readable_graph(tape)
        graph, bars = module_map(tape, backward)
        self.persistent = (bars,)
        self.add(bars)
        return graph

    def play_gradients(self, tape: Tape, backward: int) -> None:
        """All that the pass left in `.grad`."""
        table = GradTable(tape, backward, content_area())
        if table.count < 2:
            return
        gone = [FadeOut(m) for m in (*self.scene_mobjects(), *self.persistent)]
        with self.beat("every .grad", EVERY_GRAD, NORMS, plays=2) as said:
            self.play(*gone, run_time=0.6)
            self.play(table.appears())
            said.next()
            self.play(table.points_out_bars())

    def plain_graph(self, tape: Tape, backward: int) -> TapeGraph | None:
        """The graph with room for buckets and a formula, if the pass can be told path by path."""
        if not is_plain_pass(tape, backward):
            return None
        leaves, paths = bucket_leaves(tape, backward), summed_paths(tape, backward)
        is_chain = layout_graph(tape).rows == 1  # which leaves space below it anyway
        is_written = bool(paths) or is_chain or has_rules(tape, backward)
        needs_board = bool(paths) or is_chain  # else it is taken where nothing is lost by it
        for with_buckets, with_board in BOARD_FIRST if needs_board else BUCKETS_FIRST:
            graph = self.graph_beside(with_buckets and bool(leaves), with_board and is_written)
            self.buckets = None
            if not is_spacious(graph):
                continue
            self.paths = paths if with_board else ()
            if with_buckets and leaves:
                self.add_buckets(graph, leaves)
            if needs_board or not with_board or not crosses_arrows(graph, backward):
                return graph
        return None

    def graph_beside(self, buckets: bool, board: bool) -> TapeGraph:
        """The graph, with space left free for buckets and for what is written below it."""
        assert self.tape is not None
        stage, area = graph_stage(), content_area()
        left = stage.graph.left if buckets else area.left
        bottom = stage.graph.bottom if board else area.bottom
        return TapeGraph(self.tape, area=Rect(left, area.right, bottom, area.top))

    def write_on_board(self, graph: TapeGraph) -> None:
        """What is written below the graph in the course of the pass, where that has left space."""
        board = graph_stage().board
        if self.paths:
            self.path_sum = PathSum(graph, self.paths, self.backward, board)
        if graph.area.bottom >= board.top:
            self.rules = LocalRules(graph, self.backward, board, self.path_sum)

    def add_buckets(self, graph: TapeGraph, leaves: tuple[str, ...]) -> None:
        """Buckets left of the leaves, which labels keep clear of."""
        self.buckets = LeafBuckets(graph, leaves, self.backward, graph_stage().strip)
        graph.placed_sums |= self.buckets.sums
        graph.obstacles += self.buckets.occupied()
        area = graph.area
        graph.label_area = Rect(content_area().left, area.right, area.bottom, area.top)

    def make_board(self) -> GraphBoard:
        """Any of the programs with any inputs, to go through in the engine's order."""
        return GraphBoard(self.params)

    def play_forward(self, graph: TapeGraph) -> None:
        """The forward pass of any program, told by the facts of its tape."""
        assert self.tape is not None
        result = self.tape[self.tape.backward(self.backward)[0].op]
        result = op_on_card(graph, result)
        has_stacks = isinstance(graph, FoldedGraph) and bool(graph.view.folds)
        of_number = FORWARD_FOLDED if has_stacks else FORWARD
        forward, numbers = forward_caption(self.tape, result, of_number, FORWARD_TENSOR)
        with self.beat("the forward pass", REMEMBERED, forward, **numbers) as said:
            self.play(graph.unfolds())
            said.next()
            self.play(graph.dims_arrows())

    def play_opening(self, graph: TapeGraph) -> None:
        """The graph is there; the question; the way back."""
        result = graph.tape[graph.tape.backward(self.backward)[0].op]
        value = graph.tape.value(result.id)
        ask = HOW_MUCH.format(result.name)
        say = (WRITTEN, ask, WALK, *((BUCKETS,) if self.buckets else ()))
        with self.beat("the forward pass", *say, value=value) as said:
            if self.begins_joined:
                self.play(self.carry("graph", graph), run_time=0.5)
                self.play(graph.traces_forward())
            else:
                self.play(graph.unfolds())
            said.next()
            asks = [self.path_sum.asks()] if self.path_sum else []
            asks += self.rules.asks() if self.rules else []
            self.play(graph.points_out_value(result.id), *asks)
            said.next()
            self.play(graph.dims_arrows(), graph.traces_back())
            if self.buckets is not None:
                said.next()
                self.play(self.buckets.appears())

    def play_step(self, graph: TapeGraph, step: Step, sends: bool = True) -> None:
        """One node, told path by path if there is a lesson."""
        if self.lesson is None:
            super().play_step(graph, step, sends)
            return
        lesson = self.lesson.at(step)
        name = f"at {step_name(graph.tape, step)}"
        with self.beat(name, *lesson.receives, *lesson.sends, **lesson.numbers) as said:
            if step.node == "AccumulateGrad":
                self.play_leaf(graph, step, lesson, said)
                return
            arriving = graph.glows(*graph.tape.incoming(step.op, self.backward))
            lights = [*([AnimationGroup(*arriving)] if arriving else []), graph.flashes(step.op)]
            rules = self.rules
            written = rules.writes(step) if rules else []
            self.play(graph.receives(step), Succession(*lights), *written)
            for k in range(len(lesson.sends)):
                said.next()
                if k:
                    self.play(graph.points_out_products(step))
                    continue
                factors = rules.points_out(step) if rules else []
                terms = self.path_sum.writes(step) if self.path_sum else []
                self.play(graph.sends(step), *factors, *terms)

    def play_leaf(self, graph: TapeGraph, step: Step, lesson: StepLesson, said: Beat) -> None:
        """What arrived at a leaf runs into its bucket, stream by stream, and becomes .grad."""
        fills = self.buckets.fills(step) if self.buckets is not None else None
        renames = [self.buckets.hides_name(step)] if self.buckets is not None else []
        if gone := self.rules.wipes() if self.rules else []:
            self.play(*gone, run_time=0.3)
        arriving = graph.tape.incoming(step.op, self.backward)
        writes = self.path_sum.writes(step) if self.path_sum else ()
        if len(arriving) > 1:
            self.play(*graph.glows(*arriving))
            said.next(plays=len(arriving))
        for fill in fills or (together(graph.glows(edge)) for edge in arriving):
            self.play(fill)
        said.next()
        if renames:
            self.play(*renames, run_time=NAME_GOES)
        answers = self.rules.answers(step) if self.rules else []
        self.play(AnimationGroup(graph.receives(step), *writes, *answers, run_time=NUMBER_COMES))

    def play_path_sum(self, graph: TapeGraph) -> None:
        """What was written path by path becomes the chain rule on a graph, which is kept."""
        figure = self.path_sum
        assert figure is not None
        board = graph_stage().board
        rule = shelf_formula("paths")
        for above in (RULE_ABOVE, 0.0):
            fit_into(rule, Rect(board.left, board.right, board.bottom, board.top + above))
            around = [bounding_rect(formula) for formula in graph.sums.values()]
            letters = map(bounding_rect, rule)
            if not any(letter.overlap_area(other) for letter in letters for other in around):
                break
        with self.beat("sum over paths", ALONG, ADDED, KEPT, plays=len(self.paths)) as said:
            for k in range(len(self.paths)):
                self.play(figure.points_out_path(k))
            said.next()
            answered = self.rules.answered if self.rules else []
            self.play(*map(FadeOut, (*figure.parts, *answered)), run_time=0.4)
            self.play(Write(rule))
            said.next(plays=2)
            edges = dict.fromkeys(edge for path in self.paths for edge in path)
            self.play(*graph.glows(*edges), run_time=RULE_IS_READ)
            self.park("paths", rule)
            self.play(exchange(rule, self.parked, shift=0.3 * UP))


def is_spacious(graph: TapeGraph) -> bool:
    """Whether a graph has room for products at its arrows, and legible cards."""
    is_clear = cards_are_separate(graph) and is_legible(graph, LEAST_FONT)
    return is_clear and not graph.crowded


def crosses_arrows(graph: TapeGraph, backward: int) -> bool:
    """Whether an arrow runs through a formula at a card."""
    rects = [bounding_rect(formula) for formula in graph.labels(backward).sums.values()]
    points = [point for arrow in graph.arrows.values() for point in arrow.sampled()]
    return any(rect.contains_point(point) for rect in rects for point in points)


EVERY_GRAD = "This is what is in .grad now."
NORMS = "The longer the bar, the larger the gradient."
FORWARD = "Forward computes {result}: {{value}}."
FORWARD_TENSOR = "Forward computes {result}, a tensor of several numbers."
FORWARD_FOLDED = "Forward computes {result}: {{value}}. A stack stands for many steps."
REMEMBERED = "The forward pass remembers every step in a graph."
WRITTEN = "The forward pass wrote this graph."
HOW_MUCH = "{0} is {{value}}. We ask how it reacts to each input."
WALK = "To find out, we walk the graph backward. That is backpropagation."
BUCKETS = "Every leaf has an empty bucket for its gradient."
ALONG = "Along a path, the local derivatives multiply."
ADDED = "Over all paths, the products add up."
KEPT = "That is the chain rule on a graph."
