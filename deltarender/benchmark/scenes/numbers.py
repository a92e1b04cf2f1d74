"""Numbers that count, of Manim's own glyphs and of a formula compiled for each value."""

from manim import DOWN, UP, DecimalNumber, MathTypst, Scene, Text, ValueTracker, VGroup


class Numbers(Scene):
    def construct(self):
        value = ValueTracker(0)
        counter = DecimalNumber(0, num_decimal_places=2, mob_class=Text, font_size=72).shift(UP)
        counter.add_updater(lambda m: m.set_value(value.get_value()))
        label = VGroup().shift(DOWN)
        label.add_updater(
            lambda m: m.become(MathTypst(f"x = {value.get_value():.1f}", font_size=60).shift(DOWN))
        )
        self.add(counter, label)
        self.play(value.animate.set_value(5), run_time=2)
        self.play(value.animate.set_value(0), run_time=1)
