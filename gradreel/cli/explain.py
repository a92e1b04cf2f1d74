"""The command `explain`: what autograd did with a program, in words, and common mistakes."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click


@click.command()
@click.argument("program")
@click.option("--inputs", default="", help="such as x=randn(2, 3), y=2")
@click.option("--init", default="", help="arguments of a module class, such as hidden=8")
@click.option("--loss", default="", help="of a program that returns logits: cross_entropy([0, 2])")
@click.option("--seed", type=int, default=0, show_default=True, help="of weights and data")
@click.option("--json", "as_json", is_flag=True, help="one JSON document: text and mistakes")
def explain(program: str, inputs: str, init: str, loss: str, seed: int, as_json: bool) -> None:
    """What autograd did with PROGRAM, a formula or FILE.py:NAME, as Markdown.

    Each step of each backward pass with its gradient, what it sent and why, its line and what is in
    .grad then; at the end, common mistakes with their evidence. The file is executed.
    """
    from gradreel.record.input_parser import split_inputs
    from gradreel.record.program_loader import load_program
    from gradreel.tape.mistakes import find_mistakes

    settings: dict[str, Any] = {"init": split_inputs(init), "loss": loss, "seed": seed}
    loaded = load_program(program, split_inputs(inputs), **settings)
    tape = loaded.record()
    text = tape.explain(loaded.title)
    if as_json:
        mistakes = [asdict(mistake) for mistake in find_mistakes(tape)]
        document = {"program": loaded.title, "text": text, "mistakes": mistakes}
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
        return
    click.echo(text, nl=False)
