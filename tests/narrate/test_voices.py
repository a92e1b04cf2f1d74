"""Narration: normalized text, voices, and beats that are as long as their speech."""

from __future__ import annotations

import json
import shutil
import subprocess
import wave
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner

from gradreel.cli import group
from gradreel.errors import RenderError, SetupError, UsageError
from gradreel.lecture_settings import LectureSettings
from gradreel.narrate import espeak, loudness, piper, voices
from gradreel.narrate.text_normalization import normalize
from gradreel.narrate.voices import load_voice, synthesize
from gradreel.publish import film
from gradreel.publish.lecture_file import LecturePart
from gradreel.publish.rendered_scenes import job_for_part, render_scenes
from gradreel.theme import Timing


@pytest.mark.parametrize(
    ("caption", "spoken"),
    [
        ("The slope is −4.", "The slope is minus 4."),
        ("It is 8.18×10⁻⁸.", "It is 8.18 times 10 to the minus 8."),
        ("With h = 1×10⁻¹⁶ it ends.", "With h equals 10 to the minus 16 it ends."),
        ("h = 1e-7, 2.5e-07, 3e8", "h equals 10 to the minus 7, 2.5 times 10 to the minus 7, "
         "3 times 10 to the 8"),
        ("y = (3x + 1)² is", "y equals 3 x plus 1, squared is"),
        ("x³ and x⁻¹, x⁴", "x cubed and x to the minus 1, x to the 4"),
        ("f(x+h) ≈ f'(x)", "f of x plus h is about f prime of x"),
        ("x.grad is 7, its .grad is 2.", "x dot grad is 7, its dot grad is 2."),
        ("z.backward() runs: grad_fn is MulBackward0.",
         "z dot backward runs: grad f n is Mul Backward 0."),
        ("requires_grad, no_grad", "requires grad, no grad"),
        ("a becomes 6. A leaf has a name.", "ay becomes 6. A leaf has a name."),
        ("A saddle: a valley one way.", "A saddle: a valley one way."),
        ("20 % of it", "20 percent of it"),
        ("dz/dx, a/b, 1/2, well-known", "dz over dx, a over b, 1 over 2, well-known"),
        ("... it holds 27 ...", "it holds 27"),
        ("exp(sin(x/2)) and tanh(u)", "exp of sine of x over 2 and hyperbolic tangent of u"),
        ("A ReLU of x**2 * w[0]", "A relu of x squared times w 0"),
        ("f''(x) and g″(x)", "f double prime of x and g double prime of x"),
        ("f'(x) = −4", "f prime of x equals minus 4"),
        ("it's 10⁻⁸, don't ask", "it's 10 to the minus 8, don't ask"),
        ("w ← w − lr · ∂L/∂w", "w becomes w minus lr times partial L over partial w"),
        ("x.grad += 12, w -= 0.1", "x dot grad grows by 12, w shrinks by 0.1"),
        ("x == 3, y != 4, z <= 2, w >= 1",
         "x equals 3, y is not 4, z is at most 2, w is at least 1"),
        ("10-100 GB, 50–75 %, 2 MiB in 3 ms",
         "10 to 100 gigabytes, 50 to 75 percent, 2 mebibytes in 3 milliseconds"),
        ("from −3 to 4, not 3-fold", "from minus 3 to 4, not 3-fold"),
        ("loss = model(input)", "loss equals model of input"),
        ("the model (a small one) learns", "the model, a small one, learns"),
        ("torch.no_grad() and optimizer.step()", "torch dot no grad and optimizer dot step"),
        ("`x.grad` is “empty”", "x dot grad is empty"),
        ("A long way — and back", "A long way, and back"),
        ("x^2, x^3, 2**n, e^x", "x squared, x cubed, 2 to the power n, e to the power x"),
        ("dy/dx = dy/du · du/dx", "dy over dx equals dy over du times du over dx"),
        ("lim h → 0", "the limit, as h goes to 0"),
        ("x₁ + x₁₀", "x 1 plus x 10"),
        ("(f(x+h) − f(x)) / h", "f of x plus h minus f of x, over h"),
        ("∇f = (2x, 4y)", "nabla f equals 2 x, 4 y"),
        ("±0.5, 90° & √2", "plus or minus 0.5, 90 degrees and the root of 2"),
        ("y = x @ w * 3", "y equals x at w times 3"),
    ],
)  # fmt: skip
def test_symbols_and_code_are_written_out_as_words(caption, spoken):
    assert normalize(caption) == spoken


@pytest.mark.parametrize(
    ("caption", "spoken"),
    [
        ("Die Steigung ist −4,5.", "Die Steigung ist minus 4 Komma 5."),
        ("Bei h = 4,25×10⁻⁸ endet es.",
         "Bei h gleich 4 Komma 2 5 mal 10 hoch minus 8 endet es."),
        ("f'(x) ≈ x² + x³", "f Strich von x ungefähr x Quadrat plus x hoch 3"),
        ("dy/dx = a/b", "dy nach dx gleich a durch b"),
        ("x.grad ist 20 % von 2 MiB.", "x Punkt grad ist 20 Prozent von 2 Mebibyte."),
        ("Backward und None", "Bäckwörd und Nann"),
    ],
)  # fmt: skip
def test_symbols_are_said_in_the_words_of_the_language(caption, spoken):
    assert normalize(caption, "de") == spoken


def test_a_language_without_a_table_keeps_its_signs():
    assert normalize("x = −4", "fr") == "x = -4"


def test_a_voice_of_piper_is_found_by_its_language(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(piper, "is_installed", lambda package="": True)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert voices.installed_voice("de") == ""
    (tmp_path / "voices").mkdir()
    (tmp_path / "voices" / "de_DE-thorsten-medium.onnx").touch()
    assert voices.installed_voice("de-at") == "piper:voices/de_DE-thorsten-medium.onnx"
    assert voices.installed_voice("fr") == ""


def test_an_unknown_voice_is_an_error_that_lists_the_known_ones(tmp_path):
    with pytest.raises(UsageError, match="espeak-ng"):
        load_voice("espeek")
    (tmp_path / "mine.py").write_text("class Mine:\n    def speak(self, words, target): ...\n")
    with pytest.raises(UsageError, match="Mine"):
        load_voice(f"{tmp_path}/mine.py:Yours")
    with pytest.raises(UsageError, match="no such Python file"):
        load_voice(f"{tmp_path}/other.py:Mine")


def test_a_missing_program_is_an_error_with_its_install_command(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SetupError, match="install espeak-ng"):
        espeak.EspeakVoice()
    assert voices.installed_voice() == ("piper" if HAS_PIPER else "")
    monkeypatch.setattr(piper, "is_installed", lambda package="": False)
    with pytest.raises(SetupError, match=r"pip install .*narration"):
        piper.PiperVoice()
    assert voices.installed_voice() == ""


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_espeak_is_deterministic_and_longer_text_takes_longer(tmp_path):
    voice = load_voice("espeak-ng:en-gb")
    assert voice.identity.startswith("espeak-ng:en-gb@1")
    short, again = (synthesize(voice, "Seven.", tmp_path / k) for k in ("a", "b"))
    assert short.path.read_bytes() == again.path.read_bytes()
    long = synthesize(voice, "-7 is minus seven; and so it goes on and on.", tmp_path)
    assert 0.3 < short.seconds < long.seconds
    with pytest.raises(UsageError, match="en-gb"):
        load_voice("espeak-ng:martian")


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_espeak_pronounces_the_variable_a_as_the_letter(tmp_path):
    def phonemes(words: str) -> str:
        done = subprocess.run(["espeak-ng", "-q", "-x", words], capture_output=True, text=True)
        return done.stdout

    spoken: list[str] = []
    voice = espeak.EspeakVoice()
    voice._run = lambda *_, words="": spoken.append(words) or subprocess.run(["true"])
    voice.speak(normalize("a becomes 6."), tmp_path / "a.wav")
    # "eI" is its phoneme for the vowel of "say", "aI" that of "eye".
    assert "'eI" in phonemes("say") and "'aI" in phonemes("eye")
    assert phonemes(spoken[0]).lstrip().startswith("'eI")


HAS_PIPER = piper.is_installed()


@pytest.fixture(scope="session")
def spoken_by_piper(tmp_path_factory):
    """The voice of Piper, and a folder with one sentence that it has spoken."""
    if not HAS_PIPER:
        pytest.skip("piper is not installed")
    folder = tmp_path_factory.mktemp("piper")
    voice = piper.PiperVoice()
    return voice, folder, synthesize(voice, "The slope is −4 at x = 2.", folder)


def test_piper_is_one_process_whose_speech_is_kept(spoken_by_piper, monkeypatch):
    voice, folder, speech = spoken_by_piper
    process = voice._process
    again = synthesize(voice, "The slope is −4 at x = 2.", folder / "again")
    assert again.path.read_bytes() == speech.path.read_bytes()
    assert voice._process is process and process.poll() is None
    assert 1.5 < speech.seconds < 4
    # What is kept is not spoken again, and leaves nothing else in the folder.
    monkeypatch.setattr(piper.PiperVoice, "speak", None)
    assert synthesize(voice, "The slope is −4 at x = 2.", folder) == speech
    assert [p.name for p in folder.glob("*.wav")] == [speech.path.name]
    assert voice.identity.startswith("piper@1")


def test_speech_has_one_loudness_at_48_kHz_and_no_clipping(spoken_by_piper, tmp_path):
    _, _, speech = spoken_by_piper
    write_tone(tmp_path / "quiet.wav", 300, 9600)
    write_tone(tmp_path / "short.wav", 32_000, 1200)
    for name in ("quiet", "short"):
        loudness.normalize_loudness(tmp_path / f"{name}.wav", tmp_path / f"{name}-even.wav")
    for path in (speech.path, tmp_path / "quiet-even.wav", tmp_path / "short-even.wav"):
        samples = loudness.decode(path)
        measured = loudness.measure_loudness(samples)
        assert measured.lufs == pytest.approx(-16, abs=0.4)
        assert measured.peak_db <= -1.9
        with wave.open(str(path)) as file:
            assert file.getframerate() == 48_000


def write_tone(path, amplitude, samples):
    """A tone of 8000 samples per second, of which each is `amplitude` at most."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        tone = np.rint(amplitude * np.sin(np.arange(samples) / 3)).astype("<i2")
        file.writeframes(tone.tobytes())


def test_silence_and_what_has_no_words_stay_silent(tmp_path):
    write_tone(tmp_path / "zero.wav", 0, 8000)
    loudness.normalize_loudness(tmp_path / "zero.wav", tmp_path / "even.wav")
    assert not loudness.decode(tmp_path / "even.wav").any()
    assert synthesize(None, "... !", tmp_path) is None


def test_piper_that_stops_is_an_error_with_its_last_words(tmp_path, monkeypatch):
    if not HAS_PIPER:
        pytest.skip("piper is not installed")
    (tmp_path / "voice.onnx").write_text("no model")
    with pytest.raises(UsageError, match=r"voice\.onnx\.json"):
        piper.PiperVoice(str(tmp_path / "voice.onnx"))
    (tmp_path / "voice.onnx.json").write_text("no json")
    voice = load_voice(f"piper:{tmp_path}/voice.onnx")
    with pytest.raises(RenderError, match="could not say 'Seven.'.*JSONDecodeError"):
        synthesize(voice, "Seven.", tmp_path / "speech")
    assert not list((tmp_path / "speech").glob("*.wav"))


# A voice that plays a tone of half a second for each word, so that the audio is known in advance.
TONE = """
import math, struct, wave

class Tone:
    def speak(self, words, target):
        with wave.open(str(target), "wb") as file:
            file.setnchannels(1); file.setsampwidth(2); file.setframerate(8000)
            wave_ = (int(9000 * math.sin(k / 3)) for k in range(4000 * len(words.split())))
            file.writeframes(b"".join(struct.pack("<h", v) for v in wave_))
"""
SCENE = '''"""A claim."""
from manim import Square
from gradreel.lecture.lecture_scene import LectureScene

class Narrated(LectureScene):
    def construct(self):
        square = Square()
        with self.beat("short", "one two three four five six seven eight"):
            self.play(square.animate.shift(1))
        with self.beat("silent"):
            self.play(square.animate.shift(1))
        with self.beat("last", "a b c d e f"):
            self.play(square.animate.shift(1))
'''


@pytest.fixture(scope="session")
def renders(tmp_path_factory):
    """A scene rendered without a voice, and with one that speaks a word in half a second."""
    home = tmp_path_factory.mktemp("voice")
    (home / "tone.py").write_text(TONE)
    (home / "narrated.py").write_text(SCENE)
    part = LecturePart(home / "narrated.py", "Narrated", "Narrated")
    voice = load_voice(f"{home}/tone.py:Tone").identity
    profiles = [LectureSettings(160, 90, 10), LectureSettings(160, 90, 10, voice=voice)]
    return render_scenes([job_for_part(part, profile, home) for profile in profiles])


@pytest.mark.slow
def test_a_beat_is_as_long_as_its_speech_with_pauses(renders):
    silent, narrated = renders
    # Four seconds for eight words, three for six, and a pause before and after.
    pauses = 2 * Timing.breath
    lengths = [b["end"] - b["start"] for b in narrated.beats]
    quiet = silent.beats[1]["end"] - silent.beats[1]["start"]
    assert lengths == pytest.approx([4 + pauses, quiet, 3 + pauses], abs=0.11)
    assert lengths[0] > silent.beats[0]["end"] - silent.beats[0]["start"] + 0.5


@pytest.mark.slow
def test_the_audio_starts_with_its_beat(renders):
    silent, narrated = renders
    with av.open(str(silent.video)) as source:
        assert not source.streams.audio
    with av.open(str(narrated.video)) as source:
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=8000)
        pieces = [p.to_ndarray()[0] for f in source.decode(audio=0) for p in resampler.resample(f)]
    loud = np.abs(np.concatenate(pieces)) > 0.05
    for beat, seconds in zip(narrated.beats, (4.0, 0.0, 3.0), strict=True):
        at = np.flatnonzero(loud[round(beat["start"] * 8000) : round(beat["end"] * 8000)]) / 8000
        if not seconds:
            assert len(at) == 0
            continue
        assert at[0] == pytest.approx(Timing.breath, abs=0.06)
        assert at[-1] == pytest.approx(Timing.breath + seconds, abs=0.06)


@pytest.mark.slow
def test_a_film_has_the_narration_of_its_scenes_at_their_times(renders):
    silent, narrated = renders
    home = narrated.video.parents[2]
    scene, profile = f"{home}/narrated.py:Narrated", ["--resolution", "160,90", "--fps", "10"]
    arguments = ["film", scene, scene, *profile, "--no-cards", "--media-dir", str(home), "--json"]
    films = [
        json.loads(CliRunner().invoke(group, [*arguments, *voice], catch_exceptions=False).stdout)
        for voice in (["--voice", f"{home}/tone.py:Tone", "--captions"], ["--silent"])
    ]
    names = {
        path.relative_to(home).as_posix() for film in films for path in map(Path, film["files"])
    }
    # Captions that are drawn do not lie beside their film too.
    assert {name for name in names if name.endswith(".srt")} == {
        f"captions/{Path(film['path']).stem}.srt" for film in films
    }
    assert films[0]["seconds"] == pytest.approx(2 * narrated.seconds)
    with av.open(films[1]["path"]) as source:
        assert not source.streams.audio
    with av.open(films[0]["path"]) as source:
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=8000)
        pieces = [p.to_ndarray()[0] for f in source.decode(audio=0) for p in resampler.resample(f)]
    # Each eighth of a second has a tone exactly if a word of a beat is spoken there.
    sound = np.abs(np.concatenate(pieces))
    assert len(sound) / 8000 == pytest.approx(films[0]["seconds"], abs=0.05)
    starts = [k * narrated.seconds + b["start"] for k in (0, 1) for b in narrated.beats]
    spoken = [(at + Timing.breath, s) for at, s in zip(starts, (4, 0, 3) * 2, strict=True) if s]
    tones = [(at, at + seconds) for at, seconds in spoken]
    for k in range(0, len(sound) - 1000, 1000):
        within = [a + 0.1 <= k / 8000 and (k + 1000) / 8000 <= b - 0.1 for a, b in tones]
        without = [(k + 1000) / 8000 < a - 0.1 or k / 8000 > b + 0.1 for a, b in tones]
        assert not any(within) or sound[k : k + 1000].max() > 0.05
        assert not all(without) or sound[k : k + 1000].max() < 0.05


def film_settings(monkeypatch, *arguments):
    """The settings and the notes of `film` with these arguments; nothing is rendered."""
    asked = []

    def build_film(lecture, profile, media, **options):
        asked.append(profile)
        return film.Film(Path("film.mp4"), (), (), 0.0)

    monkeypatch.setattr(film, "build_film", build_film)
    done = CliRunner().invoke(group, ["film", *arguments], catch_exceptions=False,
                              standalone_mode=False)  # fmt: skip
    return asked[0], done.stderr


def pretend_installed(monkeypatch, *, espeak_ng: bool, with_piper: bool) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/it" if espeak_ng else None)
    monkeypatch.setattr(piper, "is_installed", lambda package="": with_piper)


def test_a_film_is_spoken_where_a_voice_is_installed(monkeypatch, tmp_path):
    (tmp_path / "tone.py").write_text(TONE)
    tone = f"{tmp_path}/tone.py:Tone"
    usual, _ = film_settings(monkeypatch, "TangentLine", "--voice", tone)
    assert (usual.voice, usual.captions) == (load_voice(tone).identity, False)
    drawn, _ = film_settings(monkeypatch, "TangentLine", "--voice", tone, "--captions")
    assert (drawn.voice, drawn.captions) == (usual.voice, True)
    for option in ("--silent", "--no-narrate"):
        silent, _ = film_settings(monkeypatch, "TangentLine", option, "--theme", "light")
        assert (silent.voice, silent.captions, silent.theme) == ("", True, "light")
    pretend_installed(monkeypatch, espeak_ng=False, with_piper=False)
    nobody, notes = film_settings(monkeypatch, "TangentLine")
    assert (nobody.voice, nobody.captions) == ("", True)
    assert "no voice is installed" in notes
    pretend_installed(monkeypatch, espeak_ng=True, with_piper=True)
    names = [LectureSettings.of("l", **kw) for kw in (
        {"voice": "piper@1", "captions": False}, {"voice": "piper@1"}, {}, {"captions": False},
        {"voice": "espeak-ng:en-gb@1", "captions": False, "theme": "light"},
    )]  # fmt: skip
    assert [film.film_variant(one) for one in names] == [
        "480p15", "480p15-captions", "480p15-silent", "480p15-silent-plain",
        "480p15-light-espeak-ng-en-gb",
    ]  # fmt: skip


def test_a_lecture_file_decides_about_voice_and_captions(monkeypatch, tmp_path):
    (tmp_path / "tone.py").write_text(TONE)
    file = tmp_path / "talk.toml"
    file.write_text('voice = "tone.py:Tone"\ncaptions = true\nscenes = ["TangentLine"]\n')
    own, _ = film_settings(monkeypatch, "-l", str(file))
    assert own.voice.startswith(f"{tmp_path}/tone.py:Tone@") and own.captions
    file.write_text('voice = ""\nscenes = ["TangentLine"]\n')
    silent, _ = film_settings(monkeypatch, "-l", str(file))
    assert (silent.voice, silent.captions) == ("", True)


def test_a_silent_film_with_a_voice_is_wrong_use(tmp_path):
    with pytest.raises(UsageError, match="has no voice"):
        CliRunner().invoke(group, ["film", "TangentLine", "--silent", "--voice", "piper"],
                           catch_exceptions=False, standalone_mode=False)  # fmt: skip


def test_narration_without_a_voice_fails_before_rendering(monkeypatch, tmp_path):
    pretend_installed(monkeypatch, espeak_ng=False, with_piper=False)
    arguments = ["film", "TangentLine", "--narrate", "--media-dir", str(tmp_path / "media")]
    with pytest.raises(SetupError, match="install espeak-ng") as caught:
        CliRunner().invoke(group, arguments, catch_exceptions=False, standalone_mode=False)
    assert caught.value.exit_code == 1
    assert not (tmp_path / "media").exists()


@pytest.mark.slow
def test_renders_with_and_without_a_voice_do_not_share_a_file(renders):
    silent, narrated = renders
    assert silent.video.parent.name == "90p10"
    assert silent.video != narrated.video
