"""The command `doctor`: what is missing on this machine."""

from __future__ import annotations

from dataclasses import asdict

import click

from gradreel.cli.options import OutputOptions, output_options


@click.command()
@output_options
def doctor(output: OutputOptions) -> None:
    """What is missing on this machine, and the command that installs it."""
    from gradreel.doctor import run_checks

    findings = run_checks(output.media_dir)
    if output.as_json:
        output.print_json([asdict(finding) for finding in findings])
    for finding in [] if output.as_json else findings:
        state = "ok" if finding.ok else "MISSING" if finding.needed else "optional"
        line = f"{state:<9}{finding.name:<14}{finding.found}"
        click.echo(line if finding.ok else f"{line}\n{'':<23}{finding.install}")
    raise SystemExit(int(any(f.needed and not f.ok for f in findings)))
