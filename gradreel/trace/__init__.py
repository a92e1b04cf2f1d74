"""Traces a PyTorch script line by line: which statement ran when, and what was different after it.

    from gradreel.trace.runner import trace

    script_trace = trace("assets/programs/accumulation.py")
    script_trace.variables_after(7)["x"].grad     # 6.0: x.grad after the seventh event

`script` parses the file, `script_trace` holds the result, `schedule` plans how long each event is
shown; these import the standard library and gradreel.tape alone. `runner` executes the script and
imports torch.
"""
