"""A camera that moves and zooms over a plane of shapes."""

from manim import BLUE, GREEN, RED, Circle, MovingCameraScene, NumberPlane, Square, Triangle


class Cameras(MovingCameraScene):
    def construct(self):
        shapes = [
            kind(color=color, fill_opacity=0.6).move_to([3 * column - 3, 2 * row - 2, 0])
            for row, color in enumerate((RED, GREEN, BLUE))
            for column, kind in enumerate((Circle, Square, Triangle))
        ]
        self.add(NumberPlane(), *shapes)
        frame = self.camera.frame
        self.play(frame.animate.set(width=5).move_to(shapes[2]), run_time=1)
        self.play(frame.animate.move_to(shapes[6]), run_time=1)
        self.play(frame.animate.set(width=14).move_to([0, 0, 0]), run_time=1)
