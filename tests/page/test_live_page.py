"""The live page in a real Chromium: what a person sees and does there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.report.fates import FATES

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from playwright.sync_api import Page, expect

Start = Callable[..., Emulator]
Visit = Callable[..., Page]
TABLES = {"version": 1, "name": "orders in trouble", "tables": [{"name": "orders", "key": {"id": "S"}}], "seed": 1}
ADD = {
    "TableName": "orders",
    "Key": {"id": {"S": "a"}},
    "UpdateExpression": "ADD paid :s",
    "ExpressionAttributeValues": {":s": {"N": "1"}},
}
LOST = {"name": "lost", "when": {"operation": "UpdateItem", "attempt": 1}, "fault": {"connection": "reset", "applied": True}}
TABS = ("now", "rules", "tables", "verdicts", "sandboxes")
WIDE, PHONE = 1440, 390


def page_of(emulator: Emulator) -> str:
    return f"{emulator.url}/_emulator/"


def put(client: Any, key: str = "a") -> None:
    client.put_item(TableName="orders", Item={"id": {"S": key}})


@pytest.fixture
def troubled(start: Start, client_for: Any) -> Emulator:
    """One write that was carried out twice, and one that went well."""
    emulator = start({**TABLES, "rules": [LOST]})
    client = client_for(emulator)
    client.update_item(**ADD)
    put(client, "<img src=x onerror=alert(1)>")
    return emulator


def test_what_came_before_the_page_and_what_comes_now(troubled: Emulator, visit: Visit, client_for: Any) -> None:
    page = visit(page_of(troubled))
    rows = page.locator(".call")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("UpdateItem orders")
    expect(rows.first.locator("em")).to_contain_text("applied twice")
    assert rows.first.locator(".wf use").evaluate_all("marks => marks.map((one) => one.getAttribute('href'))") == ["#lost", "#ok"]
    assert rows.first.locator(".wf circle").count() == 2
    put(client_for(troubled), "b")
    expect(rows).to_have_count(3)
    expect(rows.last).to_contain_text("id=b")


def test_a_row_opens_with_all_that_is_known(troubled: Emulator, visit: Visit) -> None:
    page = visit(page_of(troubled))
    row = page.locator(".call").first
    row.locator("summary").first.click()
    expect(row.locator(".story")).to_contain_text("carried out 2 times")
    expect(row.locator(".tries button")).to_have_count(2)
    expect(row.locator("pre").first).to_contain_text('"UpdateExpression": "ADD paid :s"')
    expect(row.locator("pre.ghost")).to_have_count(1)
    expect(row.locator(".why")).to_contain_text("lost fired")
    expect(row).to_contain_text("curl -sS")
    expect(row).to_contain_text("nothing is sent, then the connection is reset")
    row.locator(".tries button").nth(1).click()
    expect(row.locator("pre.ghost")).to_have_count(0)
    expect(row.locator(".why")).to_contain_text("lost did not fire: attempt is 2, not 1")
    again = visit(page.url)
    expect(again.locator(".call[open] .story")).to_contain_text("carried out")


def test_nothing_of_a_request_becomes_markup(troubled: Emulator, visit: Visit) -> None:
    page = visit(page_of(troubled))
    row = page.locator(".call").last
    expect(row).to_contain_text("<img src=x onerror=alert(1)>")
    row.locator("summary").first.click()
    expect(row.locator("pre").first).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("img").count() == 0


def test_a_rule_that_is_switched_off_stops_with_the_next_request(start: Start, visit: Visit, client_for: Any, no_retries: Any) -> None:
    emulator = start({**TABLES, "rules": [{"name": "no", "when": {"operation": "PutItem"}, "fault": "ThrottlingException"}]})
    client = client_for(emulator, config=no_retries)
    with pytest.raises(client.exceptions.ClientError):
        put(client)
    page = visit(page_of(emulator))
    switch = page.get_by_role("switch", name="no")
    expect(page.locator("[data-rule=no] .count .count")).to_have_text("1 of 1")
    with page.expect_response("**/rules/no") as answered:
        switch.click()
    assert answered.value.ok
    put(client)
    assert not emulator.rules.list()[0].enabled
    expect(switch).not_to_be_checked()


def test_once_takes_two_clicks(start: Start, visit: Visit, client_for: Any, no_retries: Any) -> None:
    emulator = start(TABLES)
    client = client_for(emulator, config=no_retries)
    put(client)
    page = visit(page_of(emulator))
    expect(page.locator(".call")).to_have_count(1)
    page.get_by_label("Fault", exact=True).select_option("throttling")
    with page.expect_response("**/_emulator/rules"):
        page.get_by_role("button", name="Arm").click()
    with pytest.raises(client.exceptions.ClientError, match="ThrottlingException"):
        put(client)
    put(client)
    expect(page.locator("[data-rule=once-1] .count .count")).to_have_text(re.compile("^1 of"))


def test_a_broken_rule_is_marked_at_its_column_and_can_be_mended(start: Start, visit: Visit) -> None:
    emulator = start(TABLES)
    page = visit(f"{page_of(emulator)}#tab=rules")
    page.get_by_role("button", name="Add a rule").click()
    text = page.get_by_label("Rule in YAML")
    text.fill("name: mine\nwhen: {tabel: orders}\nfault: ThrottlingException\n")
    mark = page.locator("#rules .marks u")
    expect(mark).to_have_text("tabel")
    assert (mark.get_attribute("data-line"), mark.get_attribute("data-column")) == ("2", "8")
    expect(page.get_by_role("button", name="Add it")).to_be_disabled()
    # The mark lies exactly under the word that is wrong
    apart = page.evaluate("""() => {
        const text = document.querySelector("#rules textarea"), marks = document.querySelector("#rules .marks");
        const one = text.getBoundingClientRect(), other = marks.getBoundingClientRect();
        const same = ["font", "padding", "lineHeight", "whiteSpace"].every(
            (name) => getComputedStyle(text)[name] === getComputedStyle(marks)[name]);
        return [Math.abs(one.left - other.left), Math.abs(one.top - other.top), same];
    }""")
    assert apart == [0, 0, True]
    page.get_by_role("button", name="2:8").click()
    assert page.evaluate("() => getSelection().toString()") == "tabel"
    page.get_by_role("button", name="Fix").click()
    page.get_by_role("button", name="Add it").click()
    expect(page.locator("[data-rule=mine]")).to_be_visible()
    assert [rule.name for rule in emulator.rules.list()] == ["mine"]


def test_the_filter_line(troubled: Emulator, visit: Visit) -> None:
    page = visit(page_of(troubled))
    rows, line = page.locator(".call"), page.locator("#filter")
    for text, count in [
        ("operation:Put", 1),
        ("table:orders", 2),
        ("rule:lost", 1),
        ("status:fail", 0),
        ("-rule:lost", 1),
        ("applied:2", 1),
    ]:
        line.fill(text)
        expect(rows).to_have_count(count)
    line.fill("opertion:PutItem")
    expect(page.locator("#filter-said")).to_have_text("'opertion' is no word of the filter; did you mean 'operation'?")
    line.fill("nothing-of-this")
    page.get_by_role("button", name="Clear").click()
    expect(rows).to_have_count(2)
    page.locator(".chip[data-fate=ok]").click()
    expect(rows).to_have_count(1)


def test_pause_holds_the_picture_and_not_the_emulator(troubled: Emulator, visit: Visit, client_for: Any) -> None:
    page = visit(page_of(troubled))
    expect(page.locator(".call")).to_have_count(2)
    page.locator("#pause").click()
    put(client_for(troubled), "c")
    expect(page.locator("#pause")).to_contain_text("1 wait")
    expect(page.locator(".call")).to_have_count(2)
    page.locator("#pause").click()
    expect(page.locator(".call")).to_have_count(3)


def test_verdicts_are_live_and_lead_to_their_calls(troubled: Emulator, visit: Visit) -> None:
    page = visit(page_of(troubled))
    finding = page.locator("[data-verdict=V20]")
    expect(finding).to_contain_text("A write is not carried out twice")
    expect(finding).to_contain_text("ConditionExpression")
    expect(page.locator("#badge")).to_contain_text("fail")
    finding.locator("a").first.click()
    expect(page.locator(".call[open]")).to_contain_text("UpdateItem")


def test_a_verdict_names_the_item_and_that_leads_to_all_calls_about_it(troubled: Emulator, visit: Visit, client_for: Any) -> None:
    put(client_for(troubled), "ab")
    put(client_for(troubled), "a")
    page = visit(f"{page_of(troubled)}#tab=verdicts")
    page.locator("[data-verdict=V20]").get_by_role("link", name="id=a").click()
    expect(page.locator("#filter")).to_have_value("table:orders item:id=a")
    expect(page.locator(".call")).to_have_count(2)


def test_phases_are_shown_from_the_beginning(start: Start, visit: Visit, client_for: Any) -> None:
    phases = [{"name": "calm", "for": {"calls": 1}}, {"name": "storm", "for": {"calls": 1}}, {"name": "after"}]
    emulator = start({**TABLES, "phases": phases, "rules": []})
    for key in "abc":
        put(client_for(emulator), key)
    page = visit(page_of(emulator))
    page.get_by_label("Length of the clock").select_option(label="whole run")
    expect(page.locator("#phases span")).to_have_text(["calm", "storm", "after"])


def test_items_are_looked_at_changed_and_deleted(troubled: Emulator, visit: Visit) -> None:
    page = visit(f"{page_of(troubled)}#tab=tables", tolerates="409")
    expect(page.locator("#tables tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Edit a", exact=True).click()
    item = page.get_by_label("Item as DynamoDB JSON")
    item.fill('{"id": {"S": "a"}, "paid": {"N": "x"}}')
    page.get_by_role("button", name="Put item").click()
    expect(page.locator("#tables .adding [role=alert]")).to_contain_text("ValidationException")
    item.fill('{"id": {"S": "a"}, "paid": {"N": "77"}}')
    page.get_by_role("button", name="Put item").click()
    expect(page.locator("#tables tbody")).to_contain_text("77")
    delete = page.get_by_role("button", name="Delete a", exact=True)
    delete.click()
    expect(delete).to_have_text("Really delete it?")
    delete.click()
    expect(page.locator("#tables tbody tr")).to_have_count(1)
    assert len(troubled.journal) == 3


def test_indexes_streams_and_backups_are_shown(start: Start, visit: Visit, client_for: Any) -> None:
    emulator = start(None)
    client = client_for(emulator)
    client.create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "state")],
        GlobalSecondaryIndexes=[
            {"IndexName": "by-state", "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    put(client, "one")
    page = visit(f"{page_of(emulator)}#tab=tables", tolerates="409")
    tables = page.locator("#tables")
    expect(tables).to_contain_text("by-state (state; active)")
    expect(tables).to_contain_text("new and old images")
    page.get_by_role("button", name="Records").click()
    expect(tables).to_contain_text("1 record in the stream")
    expect(tables).to_contain_text("INSERT")
    page.get_by_role("button", name="Back up").click()
    expect(tables).to_contain_text("page-1 (available)")
    page.get_by_role("button", name="Restore backup page-1").click()
    page.get_by_label("Name of the restored table").fill("orders")
    page.get_by_role("button", name="Restore", exact=True).last.click()
    expect(tables.locator(".adding [role=alert]")).to_contain_text("TableAlreadyExistsException")
    page.get_by_label("Name of the restored table").fill("orders-again")
    page.get_by_role("button", name="Restore", exact=True).last.click()
    expect(tables.locator("h2")).to_have_text("orders-again")
    expect(tables.locator("tbody")).to_contain_text("one")
    page.get_by_role("button", name=re.compile("^orders ?1?$")).click()
    expect(tables.locator("h2")).to_have_text("orders")
    remove = page.get_by_role("button", name="Delete backup page-1")
    remove.click()
    remove.click()
    expect(tables).not_to_contain_text("page-1")
    assert len(emulator.journal) == 2
    page.get_by_role("link", name="Calls about one").click()
    expect(page.locator(".call")).to_have_count(1)
    expect(page.locator(".call")).to_contain_text("PutItem orders")


def test_reset_asks_once_and_the_clock_goes_on(troubled: Emulator, visit: Visit) -> None:
    page = visit(page_of(troubled))
    expect(page.locator(".call")).to_have_count(2)
    before = troubled.clock.now()
    page.get_by_role("button", name="+1 h").click()
    expect(page.locator("#clock")).not_to_have_text("-")
    page.get_by_role("button", name="Reset").click()
    journal = page.locator("#reset-menu button").first
    journal.click()
    assert len(troubled.journal) == 3
    journal.click()
    expect(page.locator(".call")).to_have_count(0)
    assert len(troubled.journal) == 0
    assert troubled.clock.now() >= before + 3600


def test_the_scenario_is_saved_to_its_file(start: Start, visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("version: 1\nname: first\n")
    page = visit(f"{page_of(start(file, may_save=True))}#tab=rules")
    text = page.get_by_label("Scenario in YAML")
    expect(text).to_have_value("version: 1\nname: first\n")
    text.fill("version: 1\nnane: second\n")
    expect(page.locator("#scenario .marks u")).to_have_attribute("data-line", "2")
    expect(page.locator("#scenario").get_by_role("button", name="Save")).to_be_disabled()
    text.fill("version: 1\nname: second\n")
    with page.expect_response("**/page/scenario?*"):
        page.locator("#scenario").get_by_role("button", name="Save").click()
    assert file.read_text() == "version: 1\nname: second\n"


def test_a_sandbox_has_a_page_of_its_own(start: Start, visit: Visit, client_for: Any) -> None:
    emulator = start(TABLES)
    client_for(emulator, endpoint_url=f"{emulator.url}/sandbox/cart").list_tables()
    page = visit(f"{page_of(emulator)}#tab=sandboxes")
    page.get_by_role("link", name="cart").click()
    expect(page.locator(".call")).to_contain_text("ListTables")
    assert page.url == f"{emulator.url}/sandbox/cart/_emulator/"
    assert len(emulator.journal) == 0


def test_a_token_is_asked_for_once(start: Start, visit: Visit, client_for: Any) -> None:
    emulator = start(TABLES, admin_token="secret")
    put(client_for(emulator))
    page = visit(page_of(emulator), tolerates="401")
    expect(page.locator("#main")).to_be_hidden()
    page.get_by_label("Admin token").fill("wrong")
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#token [role=alert]")).to_have_text("This is not the token.")
    page.get_by_label("Admin token").fill("secret")
    page.get_by_role("button", name="Use it").click()
    expect(page.locator(".call")).to_have_count(1)


def test_the_keyboard_alone_is_enough(troubled: Emulator, visit: Visit) -> None:
    page = visit(page_of(troubled))
    expect(page.locator(".call")).to_have_count(2)
    keys = page.keyboard
    keys.press("j")
    keys.press("j")
    expect(page.locator(".call").last.locator("summary").first).to_be_focused()
    keys.press("k")
    keys.press("Enter")
    expect(page.locator(".call[open] .tries button")).to_have_count(2)
    keys.press("]")
    expect(page.locator(".tries button").nth(1)).to_have_attribute("aria-pressed", "true")
    for letter, tab in zip("rtvsn", ("rules", "tables", "verdicts", "sandboxes", "now"), strict=True):
        keys.press("g")
        keys.press(letter)
        expect(page.locator(f"#tab-{tab}")).to_have_attribute("aria-selected", "true")
    keys.press("/")
    expect(page.locator("#filter")).to_be_focused()
    keys.type("g n")
    keys.press("Escape")
    expect(page.locator("#filter")).to_have_value("g n")
    page.locator("#tab-now").focus()
    keys.press("ArrowRight")
    expect(page.locator("#tab-rules")).to_be_focused()
    switch = page.get_by_role("switch", name="lost")
    switch.focus()
    with page.expect_response("**/rules/lost"):
        keys.press("Space")
    assert not troubled.rules.list()[0].enabled


@pytest.mark.parametrize("tab", TABS)
def test_on_a_phone_nothing_is_cut_off(troubled: Emulator, visit: Visit, tab: str) -> None:
    for width in (PHONE, 320):
        page = visit(page_of(troubled), width=width, height=844)
        expect(page.locator(".call")).to_have_count(2)
        if tab == "now":
            page.locator(".call summary").first.click()
            expect(page.locator(".call[open] pre").first).to_be_visible()
        page.locator(f"#tab-{tab}").click()
        expect(page.locator(f"[data-on~={tab}]").first).to_be_visible()
        assert page.evaluate("() => document.documentElement.scrollWidth") == width
        outside = page.evaluate("""() => [...document.querySelectorAll("button, h1, h2, p, td, pre, input, select, textarea, dd")]
            .filter((one) => one.offsetParent && !one.closest(".unseen, .marks"))
            .filter((one) => { const box = one.getBoundingClientRect(); return box.left < -1 || box.right > innerWidth + 1; })
            .map((one) => one.outerHTML.slice(0, 120))""")
        assert outside == []


# Luminance and contrast: https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio
CONTRAST = """(names) => {
    const seen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgb = (color) => {
        seen.fillStyle = color;
        seen.fillRect(0, 0, 1, 1);
        return [...seen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    };
    const part = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const light = (color) => { const [r, g, b] = rgb(color).map(part); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const probe = document.body.appendChild(document.createElement("i"));
    const of = (name) => { probe.style.color = `var(--${name})`; return getComputedStyle(probe).color; };
    const ratio = (one, other) => { const [a, b] = [light(one), light(other)].sort((x, y) => y - x); return (a + 0.05) / (b + 0.05); };
    const grounds = ["paper", "card", "wash"].map(of);
    return Object.fromEntries(names.map((name) => [name, Math.min(...grounds.map((ground) => ratio(of(name), ground)))]));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_has_its_colour_and_can_be_told_from_its_ground(troubled: Emulator, visit: Visit, scheme: str) -> None:
    page = visit(page_of(troubled), scheme=scheme)
    # 1.4.11: 3 for what is drawn; 1.4.3: 4.5 for text
    assert {name: ratio for name, ratio in page.evaluate(CONTRAST, [*FATES, "edge"]).items() if ratio < 3} == {}
    texts = ["ink", "soft", "good", "bad", "note", "caution"]
    assert {name: ratio for name, ratio in page.evaluate(CONTRAST, texts).items() if ratio < 4.5} == {}
    chips = page.locator(".chip")
    assert chips.evaluate_all("chips => chips.map((one) => one.dataset.fate)") == list(FATES)
    shown = page.evaluate(
        "names => names.map((name) => getComputedStyle(document.querySelector(`.chip .fate-${name}`)).color)", list(FATES)
    )
    # What is under way is the grey of what is refused, and told by its shape
    assert len(set(shown)) == len(FATES) - 1
    page.get_by_role("button", name="Theme").click()
    other = page.evaluate("() => getComputedStyle(document.querySelector('.chip .fate-ok')).color")
    assert other != shown[0]


def test_thousands_of_calls_are_a_few_rows_on_the_screen(start: Start, visit: Visit) -> None:
    emulator = start(TABLES)
    page = visit(page_of(emulator))
    expect(page.locator("#live")).to_have_text("live")
    page.evaluate(
        """async (url) => {
        const headers = { "X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0", "X-Amz-Date": "now",
            "Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=x" };
        const worker = async () => { for (let i = 0; i < 500; i++) await fetch(url, { method: "POST", headers, body: "{}" }); };
        await Promise.all([worker(), worker(), worker(), worker()]);
    }""",
        emulator.url,
    )
    expect(page.locator("#matching")).to_have_text("2,000")
    assert page.locator(".call").count() < 100
    page.evaluate("() => scrollTo(0, 37 * 1000)")
    expect(page.locator(".call").first).to_be_attached()
    shown = page.locator(".call").evaluate_all("rows => rows.map((one) => one.call.index)")
    assert 900 < shown[0] < 1100
    assert shown == list(range(shown[0], shown[0] + len(shown)))


@pytest.mark.parametrize("hash_", ["#%", "#call=%E0%A4%A", "#call=nobody", "#tab=nothing", '#verdict="]', "#="])
def test_an_address_that_names_nothing_shows_the_page_all_the_same(troubled: Emulator, visit: Visit, hash_: str) -> None:
    page = visit(f"{page_of(troubled)}{hash_}")
    expect(page.locator("#live")).to_have_text("live")


def test_a_server_that_comes_back_is_found_again(start: Start, visit: Visit) -> None:
    emulator = start(TABLES)
    page = visit(page_of(emulator), tolerates="ERR_")
    expect(page.locator("#live")).to_have_text("live")
    emulator.stop()
    expect(page.locator("#live")).to_contain_text("trying again")
    start(TABLES, port=emulator.port)
    expect(page.locator("#live")).to_have_text("live")


def test_before_the_first_request_the_page_says_how_to_send_one(start: Start, visit: Visit) -> None:
    emulator = start(None)
    empty = visit(page_of(emulator)).locator("#empty")
    expect(empty).to_contain_text(f"AWS_ENDPOINT_URL_DYNAMODB={emulator.url}")
    expect(empty.get_by_role("button", name="Copy")).to_be_visible()
