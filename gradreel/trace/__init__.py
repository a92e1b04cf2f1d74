"""Running a script line by line and writing down its real state.

    from gradreel.trace.runner import trace

    recording = trace("assets/programs/accumulation.py")
    recording.after(7)["x"].grad          # 6.0: x.grad as it was after the seventh moment

`script` reads the file, `model` is the recording, `score` says how long each moment is shown; these
need the standard library alone. `run` executes the script and needs torch.
"""
