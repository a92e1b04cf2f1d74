"""Every frame of the incremental renderer equals the frame of Manim's own renderer."""

from __future__ import annotations

import sys
import textwrap

import numpy as np
import pytest

from deltarender.workers import forkserver

SCENES = {
    "shapes": """
        a = Circle(fill_opacity=0.5, color=RED); b = Star(fill_opacity=1, color=BLUE).shift(RIGHT)
        self.play(Create(a), FadeIn(b), run_time=0.6)
        self.play(a.animate.shift(LEFT * 2), Rotate(b, 1), run_time=0.6)
        self.wait(0.3)
        self.play(FadeOut(a), run_time=0.4)
    """,
    "order": """
        a = Square(fill_opacity=1, color=BLUE); b = Circle(fill_opacity=1, color=RED).shift(RIGHT)
        self.add_foreground_mobject(a)
        self.add(b)
        self.play(b.animate.shift(LEFT * 2), run_time=0.4)
        self.bring_to_front(b)
        self.wait(0.2)
        a.set_z_index(5)
        self.play(Wiggle(a), run_time=0.4)
        self.remove(a)
        self.wait(0.2)
    """,
    "updaters": """
        k = ValueTracker(0)
        dot = always_redraw(lambda: Dot([k.get_value(), np.sin(k.get_value()), 0]))
        trace = TracedPath(dot.get_center, dissipating_time=0.3)
        self.add(k, dot, trace, NumberPlane())
        self.play(k.animate.set_value(3), run_time=1)
        dot.clear_updaters()
        self.add_updater(lambda dt: self.add(Dot([self.time - 3, 1, 0])))
        self.wait(0.5)
    """,
    "background": """
        self.camera.background_color = "#224466"
        text = Text("hello").set_stroke(BLACK, 6, background=True)
        self.play(FadeIn(text), run_time=0.4)
        self.camera.background_color = "#664422"
        self.play(text.animate.set_color(RED), run_time=0.4)
    """,
    "points": """
        cloud = PMobject(stroke_width=4)
        cloud.add_points(np.random.default_rng(1).uniform(-2, 2, (200, 3)) * [1, 1, 0])
        self.add(cloud, Line(LEFT * 3, RIGHT * 3))
        self.play(cloud.animate.shift(RIGHT), run_time=0.4)
        self.remove(cloud)
        self.wait(0.2)
    """,
    "camera": """
        self.add(*[Dot([i, j, 0]) for i in range(-6, 7) for j in range(-3, 4)])
        self.play(self.camera.frame.animate.scale(0.5).shift(RIGHT), run_time=0.5)
        self.play(self.mobjects[3].animate.scale(4), run_time=0.4)
    """,
    "three dimensions": """
        self.set_camera_orientation(phi=1, theta=0.5)
        ball = Sphere(resolution=(6, 6))
        self.add(ThreeDAxes(), ball)
        self.play(ball.animate.shift(UP), run_time=0.3)
        self.move_camera(phi=0.5, run_time=0.3)
        self.set_camera_orientation(frame_center=RIGHT)
        self.wait(0.2)
    """,
    "image": """
        pixels = np.random.default_rng(1).integers(0, 256, (20, 30, 4), dtype=np.uint8)
        image = ImageMobject(pixels).scale(6)
        self.add(Square(fill_opacity=1, color=BLUE), image, Dot())
        self.play(image.animate.shift(RIGHT * 3 + UP), run_time=0.4)
        self.play(Rotate(image, 1), run_time=0.3)
        self.play(image.animate.set_opacity(0.3).shift(RIGHT * 4), run_time=0.3)
        self.remove(image)
        self.wait(0.2)
    """,
    # A surface under rotation, deformation, color and light changes; mobjects fixed in the frame
    # and mobjects of fixed orientation.
    "surface": """
        surface = Surface(
            lambda u, v: np.array([u, v, np.sin(u) * np.cos(v)]),
            u_range=[-2, 2], v_range=[-2, 2], resolution=(7, 5),
        )
        title = Text("surface").to_corner(UL)
        label = Text("here").scale(0.5).shift(OUT)
        self.add_fixed_in_frame_mobjects(title)
        self.add_fixed_orientation_mobjects(label)
        rainbow = Square().set_stroke([RED, GREEN, BLUE], 6).set_fill([YELLOW, PURPLE], 0.3)
        self.set_camera_orientation(phi=70 * DEGREES, theta=30 * DEGREES)
        self.add(ThreeDAxes(), surface, rainbow)
        self.begin_ambient_camera_rotation(rate=0.5)
        self.wait(0.3)
        self.play(surface.animate.apply_function(lambda p: p + [0, 0, p[0] ** 2 / 4]), run_time=0.3)
        self.stop_ambient_camera_rotation()
        self.renderer.camera.light_source.move_to(3 * IN)
        self.play(surface.animate.set_color(TEAL), label.animate.shift(RIGHT), run_time=0.3)
        surface.set_fill_by_checkerboard(RED, BLUE)
        self.move_camera(zoom=1.5, frame_center=RIGHT, gamma=0.3, run_time=0.3)
        self.renderer.camera.should_apply_shading = False
        self.play(surface[3].animate.shift(OUT), run_time=0.2)
        surface[3].z_index_group = title
        surface[4].shade_in_3d = False
        self.renderer.camera.should_apply_shading = True
        self.renderer.camera.exponential_projection = True
        self.play(Rotate(surface, 0.4), FadeOut(title), run_time=0.3)
    """,
    # Mobjects that a 3D camera must draw with its own methods, among others.
    "point cloud in 3D": """
        cloud = PMobject(stroke_width=4)
        cloud.add_points(np.random.default_rng(1).uniform(-2, 2, (200, 3)))
        ring = Torus(resolution=(8, 6)).shift(LEFT * 2).scale(0.4)
        bar = Line3D(LEFT, UP, resolution=6)
        solids = VGroup(Cube(), Cone(resolution=8).shift(RIGHT * 2), bar, ring)
        self.set_camera_orientation(phi=1, theta=0.5)
        self.add(cloud, solids)
        self.play(Rotate(solids, 1, axis=UP), run_time=0.3)
        self.remove(cloud)
        self.play(solids[0].animate.set_opacity(0.2), run_time=0.3)
        self.add(Dot3D(resolution=(6, 6)), Line3D(ORIGIN, OUT + UP, resolution=6))
        self.wait(0.2)
        self.clear()
        curve = VMobject(color=GREEN).set_points([[-2, -1, 0], [-3, 1, 0], [0, 3, 0], [1, 3, 0]])
        self.add(curve)  # points of integers, alone
        self.wait(0.2)
    """,
    # Gradients, and new mobjects at the addresses of deleted ones.
    "colors": """
        k = ValueTracker(0)
        ball = Circle(fill_opacity=1).set_fill([RED, BLUE, GREEN]).set_stroke([WHITE, BLACK], 9)
        shiny = Square(fill_opacity=0.7, color=TEAL).set_sheen(0.6, UR).shift(RIGHT * 2)
        def new_group():
            shape = (Dot, Square, Triangle)[int(k.get_value()) % 3]
            up = UP * k.get_value()
            return VGroup(*[shape(color=RED).shift(LEFT * j + up) for j in range(4)])
        self.add(k, always_redraw(new_group), ball, shiny)
        self.play(k.animate.set_value(2.9), shiny.animate.set_sheen(-0.4), run_time=1)
        self.play(ball.animate.set_fill([YELLOW, PURPLE]), run_time=0.4)
    """,
    # More separate changes than there are rectangles.
    "many": """
        dots = VGroup(*[Dot([x / 2, y / 2, 0], 0.05) for x in range(-12, 13) for y in range(-6, 7)])
        self.add(NumberPlane(), dots)
        self.play(LaggedStart(*[d.animate.scale(1.5) for d in dots], lag_ratio=0.02), run_time=1)
    """,
    # Slanted lines that cross the border of the redrawn rectangle.
    "slanted": """
        dot = Dot(radius=0.1).to_edge(LEFT)
        fan = [Line(LEFT * 5, RIGHT * 5, stroke_width=3 + k).rotate(k * 0.02) for k in range(20)]
        self.add(dot, *fan)
        self.play(dot.animate.shift(RIGHT * 11 + UP * 0.5), run_time=1)
    """,
    # Points of integers, a background changed in place, a frame width set after the first frame.
    "unusual": """
        curve = VMobject(color=GREEN).set_points([[-2, -1, 0], [-3, 1, 0], [0, 3, 0], [1, 3, 0]])
        square = Square()
        self.add(curve, square)
        self.wait(0.2)
        self.camera.background[:40] = 200
        self.camera.frame_width = 5
        self.play(Rotate(square, 1), run_time=0.4)
    """,
}
BASES = {
    "camera": "MovingCameraScene", "three dimensions": "ThreeDScene", "surface": "ThreeDScene",
    "point cloud in 3D": "ThreeDScene",
}  # fmt: skip
SIZE = (426, 240)


def render_frames(renderer_name: str, body: str, base: str) -> np.ndarray:
    """All frames of a scene as they are written: (n, height, width, 4)."""
    import manim
    import manim.scene.scene as scene_module
    from manim.renderer.cairo_renderer import CairoRenderer

    from deltarender.engine.dry_run import NullFileWriter
    from deltarender.engine.incremental_renderer import IncrementalRenderer

    frames: list[np.ndarray] = []

    class FrameCollector(NullFileWriter):
        """Applies the changed rectangles to its own copy, as a video stream does."""

        canvas = None

        def write_frame(self, pixels, *, repeat=1):
            frames.extend([pixels.copy()] * repeat)

        def write_changes(self, pixels, rects, repeat):
            if self.canvas is None:
                self.canvas = pixels.copy()
            for x0, y0, x1, y1 in rects:
                self.canvas[y0:y1, x0:x1] = pixels[y0:y1, x0:x1]
            frames.extend([self.canvas.copy()] * repeat)
            return True

    renderer = {"stock": CairoRenderer, "incremental": IncrementalRenderer}[renderer_name]
    scene_module.CairoRenderer = lambda **k: renderer(**{**k, "file_writer_class": FrameCollector})
    namespace = {"np": np, **vars(manim)}
    code = f"class Main({base}):\n    def construct(self):\n"
    exec(code + textwrap.indent(textwrap.dedent(body).strip(), "        "), namespace)
    width, height = SIZE
    with manim.tempconfig(
        {"pixel_width": width, "pixel_height": height, "frame_rate": 10, "seed": 1,
         "progress_bar": "none", "verbosity": "ERROR", "disable_caching": True}
    ):  # fmt: skip
        namespace["Main"]().render()
    return np.stack(frames)


def send_frames(pipe, *args):
    pipe.send(render_frames(*args))
    pipe.close()


def render_in_child_process(*args) -> np.ndarray:
    """`render_frames` in a process of its own, because the renderer is replaced for good."""
    context = forkserver.context()  # which has imported Manim
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=send_frames, args=(sender, *args))
    forkserver.launch(process)
    sender.close()
    frames = receiver.recv()
    process.join()
    return frames


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs cairo of a Unix system")
@pytest.mark.parametrize("name", SCENES)
def test_every_frame_equals_manims(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    base = BASES.get(name, "Scene")
    stock, ours = (
        render_in_child_process(renderer, SCENES[name], base)
        for renderer in ("stock", "incremental")
    )
    assert stock.shape == ours.shape
    assert (stock != ours).sum() == 0
    assert len({frame.tobytes() for frame in stock}) > 3, "the scene must move"
