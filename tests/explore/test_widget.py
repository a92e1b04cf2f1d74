"""The widget of notebooks: what it answers, what its view draws and asks for."""

from __future__ import annotations

import base64
import json
import math
import queue

import pytest

from tests.publish.browser import browser

pytest.importorskip("IPython")
pytest.importorskip("anywidget")
pytestmark = pytest.mark.slow
HARNESS = """<!doctype html><body><script type="module">
const module = new Blob([%s], {type: "text/javascript"});
const {default: view} = await import(URL.createObjectURL(module));
window.sent = [];
let listener = null;
window.receive = (message, data) => listener(message, data.map((text) =>
  new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer)));
view.render({el: document.body, model: {send: (message) => window.sent.push(message),
  on: (_, f) => { listener = f; }, off: () => {}}});
</script>"""


@pytest.fixture
def widget(monkeypatch, tmp_path):
    """A live widget, and the messages that it has sent."""
    from gradreel.explore.widget import ExplorerWidget
    from gradreel.notebook import explore

    sent: queue.Queue = queue.Queue()
    monkeypatch.setattr(
        ExplorerWidget, "send", lambda _, message, buffers=(): sent.put((message, buffers))
    )
    made = explore("TangentLine", live=True, function="x*sin(x)", start=-4, stop=4,
                   media_dir=tmp_path)  # fmt: skip
    yield made, sent
    made.close()


def test_a_live_widget_answers_and_its_view_asks(widget):
    made, sent = widget
    ready, _ = sent.get(timeout=120)
    assert ready["kind"] == "ready"
    made._on_message(None, {"do": "describe"}, [])  # a second view
    assert sent.get(timeout=10)[0] == ready
    with browser() as chromium:
        page = chromium.new_page()
        page.set_content(HARNESS % json.dumps(made._esm))
        page.wait_for_function("window.sent && window.sent.length === 1")
        assert page.evaluate("window.sent") == [{"do": "describe"}]
        page.evaluate("message => window.receive(message, [])", ready)
        first = page.evaluate("window.sent[1]")
        assert (first["do"], first["whole"], first["values"]) == ("show", True, {})

        def answer(request: dict) -> dict:
            made._on_message(None, request, [])
            message, buffers = sent.get(timeout=60)
            data = [base64.b64encode(buffer).decode() for buffer in buffers]
            page.evaluate("([message, data]) => window.receive(message, data)", [message, data])
            return message

        answer(first)
        blank = page.evaluate("document.querySelector('canvas').toDataURL()")
        page.focus("[data-drag=x_tracker]")
        page.keyboard.press("Home")
        shown = answer(page.evaluate("window.sent[2]"))["shown"]["numbers"]
        x = -4.0
        slope = math.sin(x) + x * math.cos(x)
        assert [n["value"] for n in shown[:3]] == pytest.approx([x, x * math.sin(x), slope])
        assert page.evaluate("document.querySelector('canvas').toDataURL()") != blank
        page.click("summary")
        page.focus("tbody tr:first-child")
        assert "input" in page.inner_text(".tip")
    made._on_message(None, {"do": "run", "code": "1"}, [])
    assert sent.get(timeout=10)[0]["kind"] == "failed"
