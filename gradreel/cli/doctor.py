"""The command that looks at the machine."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click


@click.command()
@click.option(
    "--media-dir", type=click.Path(path_type=Path), default=Path("media"), show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="one JSON document on stdout")
def doctor(media_dir: Path, as_json: bool) -> None:
    """What is missing on this machine, and the command that installs it."""
    from gradreel.doctor import run_checks

    findings = run_checks(media_dir)
    if as_json:
        click.echo(json.dumps([asdict(f) for f in findings], ensure_ascii=False, indent=1))
    for finding in [] if as_json else findings:
        state = "ok" if finding.ok else "MISSING" if finding.needed else "optional"
        line = f"{state:<9}{finding.name:<14}{finding.found}"
        click.echo(line if finding.ok else f"{line}\n{'':<23}{finding.install}")
    raise SystemExit(int(any(f.needed and not f.ok for f in findings)))
