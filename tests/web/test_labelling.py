"""Labelling over HTTP and in a real browser, by the keyboard alone."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from tests.web.conftest import served_app

from duomo.settings import Settings
from duomo.understand.labelling import LabelTask, TaskCard, Thing
from duomo.understand.labelling_told import told_of
from duomo.web.labelling import create_labelling_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FEW = ("mug", "shirt", "shoe")
MANY = tuple(f"kind {n}" for n in range(20))

NewTask = Callable[..., LabelTask]


@pytest.fixture
def new_task(tmp_path: Path, draw: Callable[[str, int, str], bytes]) -> NewTask:
    """A task of 12 things with pictures, in three kinds."""

    def made(labels: tuple[str, ...] = FEW, shared: float = 0.0) -> LabelTask:
        things = []
        for number in range(12):
            file = tmp_path / f"{number}.jpg"
            file.write_bytes(draw("Red", number % 3, "JPEG"))
            title = f"Thing {number} <b>第{number}件</b>"
            things.append(Thing(id=f"a/{number}", text="of wool", title=title, picture=str(file)))
        things[5] = Thing(id="a/5", text="", title="Lost", picture=str(tmp_path / "gone.jpg"))
        vectors = np.eye(4, dtype=np.float32)[np.arange(12) % 3]
        card = TaskCard(label="color", kind="goods", labels=labels, source="goods.csv", shared=shared)
        return LabelTask.create(tmp_path / "task", card, things, vectors)

    return made


def client_of(task: LabelTask) -> TestClient:
    return TestClient(create_labelling_app(task, Settings()))


# Over HTTP


def test_a_question_stays_until_it_is_answered_and_then_comes_the_next(new_task: NewTask) -> None:
    task = new_task()
    client = client_of(task)
    first = client.get("/v1/label/next", params={"by": "李雷"}).json()
    assert first == client.get("/v1/label/next", params={"by": "李雷"}).json()
    assert (first["things"], first["labelled"], first["mine"]) == (12, 0, 0)
    id = first["question"]["id"]
    second = client.post("/v1/label/answers", json={"by": "李雷", "id": id, "label": "mug", "seconds": 2.5})
    assert second.status_code == 200
    assert second.json()["question"]["id"] != id
    assert second.json()["labelled"] == 1
    assert LabelTask.open(task.folder).answers.of[id]["李雷"].label == "mug"
    back = client.get("/v1/label/back", params={"by": "李雷"}).json()["question"]
    assert (back["id"], back["own"], back["answered"]) == (id, "mug", True)
    status = client.get("/v1/label/status").json()
    assert status["labellers"]["李雷"] == {"answers": 1, "skipped": 0, "seconds": 2.5}


def test_pictures_are_jpegs_and_those_that_are_gone_are_told(new_task: NewTask) -> None:
    client = client_of(new_task())
    sent = client.get("/v1/label/pictures/0")
    assert sent.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(sent.content)).size == (96, 96)
    for place in (5, 12, -1):
        gone = client.get(f"/v1/label/pictures/{place}")
        assert gone.status_code == 404
        assert gone.json()["type"].startswith("urn:duomo:problem:")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"by": "a", "id": "a/1", "label": "hat"}, 400),
        ({"by": "a", "id": "nothing", "label": "mug"}, 400),
        ({"by": "", "id": "a/1", "label": "mug"}, 400),
        ({"by": "x" * 61, "id": "a/1", "label": "mug"}, 400),
        ({"by": "a\nb", "id": "a/1", "label": "mug"}, 400),
        ({"by": "a", "id": "a/1", "label": "mug", "seconds": -1}, 400),
        ({"by": "a", "id": "a/1", "label": "mug", "more": 1}, 400),
        ({"by": "a", "id": "a/1"}, 400),
    ],
)
def test_an_answer_that_cannot_be_meant_is_refused_and_not_kept(
    new_task: NewTask, body: dict[str, object], status: int
) -> None:
    task = new_task()
    refused = client_of(task).post("/v1/label/answers", json=body)
    assert refused.status_code == status
    assert refused.json()["detail"]
    assert not task.answers.of


def test_another_site_cannot_answer_by_a_plain_form(new_task: NewTask) -> None:
    body = '{"by": "a", "id": "a/1", "label": "mug"}'
    sent = client_of(new_task()).post(
        "/v1/label/answers", content=body, headers={"Content-Type": "text/plain"}
    )
    assert sent.status_code in (400, 415)


@pytest.mark.parametrize(
    ("host", "named", "status"),
    [
        ("127.0.0.1", "localhost:8100", 200),
        ("127.0.0.1", "[::1]:8100", 200),
        ("localhost", "evil.example:8100", 421),
        ("::1", "127.0.0.1.evil.example", 421),
        ("127.0.0.1", "[", 421),
        ("192.0.2.7", "labels.shop.example", 200),
    ],
)
def test_who_names_another_machine_is_refused_where_only_this_one_is_let_in(
    new_task: NewTask, host: str, named: str, status: int
) -> None:
    client = TestClient(create_labelling_app(new_task(), Settings(), host=host))
    asked = client.get("/v1/label/next", params={"by": "a"}, headers={"Host": named})
    assert asked.status_code == status
    if status == 421:
        assert "localhost" in asked.json()["remedy"]
        assert "frame-ancestors" in asked.headers["content-security-policy"]


def test_a_label_is_added_for_everybody(new_task: NewTask) -> None:
    client = client_of(new_task())
    added = client.post("/v1/label/labels", json={"by": "a", "label": " 帽子 "})
    assert added.json() == {"label": "帽子"}
    assert client.get("/v1/label/next", params={"by": "b"}).json()["labels"] == [*FEW, "帽子"]
    assert client.post("/v1/label/labels", json={"by": "a", "label": "  "}).status_code == 400


def test_the_page_is_in_the_language_of_who_labels(new_task: NewTask) -> None:
    client = client_of(new_task())
    assert "Cannot tell" in client.get("/").text
    assert "无法判断" in client.get("/?lang=zh").text
    assert "无法判断" in client.get("/", headers={"Accept-Language": "zh-CN"}).text
    assert client.get("/").headers["content-security-policy"].startswith("default-src 'none'")


# In a browser


def press(page: "Page", *keys: str) -> None:
    """Keys, each when the question has been there long enough to be seen."""
    for key in keys:
        page.locator("#task:not([data-unseen]):not([aria-busy])").wait_for(state="attached")
        page.keyboard.press(key)


@pytest.fixture
def open_task(browser: "Browser") -> Iterator[Callable[..., "Page"]]:
    """Serves a task and opens its page; whatever the console complains of fails the test."""
    complaints: list[str] = []
    closing = []

    def open(task: LabelTask, path: str = "/", locale: str = "en-US") -> "Page":
        serving = served_app(create_labelling_app(task, Settings()))
        address = serving.__enter__()
        context = browser.new_context(locale=locale)
        closing.append((context, serving))
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address + path)
        return page

    yield open
    for context, serving in closing:
        context.close()
        serving.__exit__(None, None, None)
    assert not complaints


@pytest.mark.browser
def test_somebody_labels_everything_by_the_keyboard_alone(
    new_task: NewTask, open_task: Callable[..., "Page"]
) -> None:
    from playwright.sync_api import expect

    task = new_task()
    page = open_task(task)
    page.keyboard.type("Zoë")  # the field of the name has the focus
    page.keyboard.press("Enter")
    expect(page.locator("#labels li")).to_have_count(3, timeout=60_000)  # scikit-learn is loaded now
    expect(page.locator("#labels li").first).to_contain_text("mug")
    press(page, "2")
    expect(page.locator("#progress")).to_contain_text("1 of 12")
    press(page, "ArrowRight")  # cannot tell
    expect(page.locator("#progress")).to_contain_text("2 answers")
    press(page, "ArrowLeft")
    expect(page.locator("#own")).to_have_text("You could not tell")
    press(page, "ArrowLeft")
    expect(page.locator("#own")).to_have_text("You said: shirt")
    press(page, "3")
    expect(page.locator("#own")).to_have_text("")
    page.keyboard.type("hat")
    expect(page.locator("#labels li")).to_have_count(1)
    press(page, "Enter")  # adds it
    expect(page.locator("#labels li")).to_have_count(4)
    for done in range(3, 12):
        expect(page.locator("#progress")).to_contain_text(f"{done} answers")
        press(page, "1")
    expect(page.locator("#done")).to_be_visible()
    told = told_of(LabelTask.open(task.folder))
    assert told.labels == {"mug": 9, "shirt": 0, "shoe": 1, "hat": 1}
    assert told.labellers["Zoë"].skipped == 1
    page.reload()  # the name is known
    expect(page.locator("#done")).to_be_visible()


@pytest.mark.browser
def test_many_labels_are_found_by_typing_and_what_things_say_is_no_markup(
    new_task: NewTask, open_task: Callable[..., "Page"]
) -> None:
    from playwright.sync_api import expect

    task = new_task(MANY)
    page = open_task(task, "/?by=%E6%9D%8E%E9%9B%B7", locale="zh-CN")
    expect(page.locator("h1")).to_have_text("请选择颜色")
    expect(page.locator("#labels li")).to_have_count(9)
    expect(page.locator("#thing h2")).to_contain_text("<b>")
    page.keyboard.type("KIND")
    expect(page.locator("#labels li")).to_have_count(10)  # nine of them, and a new one
    press(page, "Escape")
    expect(page.locator("#labels li")).to_have_count(9)
    page.locator("#find").fill("kind 17")
    press(page, "ArrowDown")
    press(page, "ArrowUp")
    press(page, "Enter")
    expect(page.locator("#progress")).to_contain_text("已标注 1 / 12")
    assert told_of(LabelTask.open(task.folder)).labels["kind 17"] == 1


@pytest.mark.browser
def test_an_answer_that_cannot_be_kept_is_told_and_the_question_stays(
    new_task: NewTask, open_task: Callable[..., "Page"]
) -> None:
    from playwright.sync_api import expect

    page = open_task(new_task(), "/?by=ann")
    expect(page.locator("#labels li")).to_have_count(3)
    title = page.locator("#thing h2").inner_text()
    page.route("**/v1/label/answers", lambda route: route.abort())
    press(page, "1")
    expect(page.get_by_role("alert")).to_contain_text("not saved")
    expect(page.locator("#thing h2")).to_have_text(title)
    page.unroute("**/v1/label/answers")
    press(page, "1")
    expect(page.locator("#progress")).to_contain_text("1 of 12")
    expect(page.get_by_role("alert")).to_be_hidden()


@pytest.mark.browser
def test_a_held_key_answers_once_and_what_is_typed_may_have_digits(
    new_task: NewTask, open_task: Callable[..., "Page"]
) -> None:
    from playwright.sync_api import expect

    task = new_task()
    page = open_task(task, "/?by=ann")
    expect(page.get_by_role("option")).to_have_count(3)
    expect(page.get_by_role("combobox")).to_be_focused()  # so that an input method hears the first letter
    page.locator("#task:not([data-unseen])").wait_for(state="attached")
    page.keyboard.down("1")
    for _ in range(5):
        page.wait_for_timeout(150)
        page.keyboard.down("1")  # as often as the system repeats it
    page.keyboard.up("1")
    assert told_of(LabelTask.open(task.folder)).labellers["ann"].answers == 1
    page.locator("#task:not([data-unseen])").wait_for(state="attached")
    page.keyboard.type(" 4 in 1")  # a blank before it, and the digit is no key
    expect(page.get_by_role("option", selected=True)).to_have_text("Add “4 in 1”")
    press(page, "Enter")
    expect(page.locator("#progress")).to_contain_text("2 of 12")
    assert told_of(LabelTask.open(task.folder)).labels["4 in 1"] == 1


@pytest.mark.browser
def test_keys_of_an_input_method_are_not_taken_for_answers(
    new_task: NewTask, open_task: Callable[..., "Page"]
) -> None:
    from playwright.sync_api import expect

    task = new_task()
    page = open_task(task, "/?by=ann")
    expect(page.get_by_role("option")).to_have_count(3)
    page.locator("#task:not([data-unseen])").wait_for(state="attached")
    method = page.context.new_cdp_session(page)
    method.send("Input.imeSetComposition", {"text": "mao zi", "selectionStart": 6, "selectionEnd": 6})
    for key in ("1", "Enter", "ArrowRight"):  # to choose among what it suggests
        page.evaluate(
            "key => document.activeElement.dispatchEvent("
            "new KeyboardEvent('keydown', { key, isComposing: true, bubbles: true }))",
            key,
        )
    method.send("Input.insertText", {"text": "帽子"})
    expect(page.get_by_role("option", selected=True)).to_have_text("Add “帽子”")
    assert not LabelTask.open(task.folder).answers.of
    press(page, "Enter")
    expect(page.locator("#progress")).to_contain_text("1 of 12")
    assert told_of(LabelTask.open(task.folder)).labels["帽子"] == 1


@pytest.mark.browser
def test_two_people_in_two_browsers_are_asked_different_things(
    new_task: NewTask, open_task: Callable[..., "Page"], browser: "Browser"
) -> None:
    from playwright.sync_api import expect

    task = new_task()
    ann = open_task(task, "/?by=ann")
    expect(ann.get_by_role("option")).to_have_count(3)
    with browser.new_context() as other:
        lei = other.new_page()
        lei.goto(f"{ann.url}?by=%E6%9D%8E%E9%9B%B7")
        for done in range(1, 7):
            assert ann.locator("#thing").inner_text() != lei.locator("#thing").inner_text()
            for page in (ann, lei):
                press(page, "1")
                expect(page.locator("#progress")).to_contain_text(f"{done} answers of yours")
        for page in (ann, lei):
            page.reload()
            expect(page.locator("#done")).to_be_visible()
    told = told_of(LabelTask.open(task.folder))
    assert {name: each.answers for name, each in told.labellers.items()} == {"ann": 6, "李雷": 6}
    assert told.twice == 0
