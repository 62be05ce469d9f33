"""A session with nothing but the table of the header, for tests: opened by an address, its menu open."""

import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

from dashboard.parts.table_switcher import MENU
from engine.genotypes.population import Population
from tests.dashboard.conftest import wait_for
from tests.waiting import PATIENCE

ARCHS = [genotype.notation for genotype in Population.whole("nas-bench-201").take(slice(9000, 9012)).genotypes()]
SAID = "cifar10_test_accuracy_200ep"
PAGE = Path(__file__).with_name("table_page.py")
TOLD = "CIFAR-10 test accuracy (%), 200 epochs"


def csv(column=SAID, rows=None):
    rows = rows or [(arch, 80 + place) for place, arch in enumerate(ARCHS)]
    return "".join(f"{','.join(map(str, row))}\n" for row in [("arch", column), *rows])


def opened(**query):
    """A session that begins with an address, its menu open."""
    at = AppTest.from_file(str(PAGE), default_timeout=PATIENCE)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    at.session_state[MENU] = True
    return read(at)


def read(at):
    return wait_for(at.run(), "table")


def shown(at):
    """What pages have of the table."""
    return at.text[0].value.split(" | ")


def closed_label(at):
    at.session_state[MENU] = False
    at.run()
    (menu,) = at.get("popover")
    return re.sub(r"\\(?=\W)", "", menu.proto.popover.label), menu.proto.popover.icon


def address(at):
    return {name: at.query_params[name] for name in at.query_params}


def upload(at, name, text):
    at.file_uploader(key="table_upload").upload(name, text.encode())
    return read(at)


def pick(at, key, value):
    next(each for each in (*at.selectbox, *at.text_input, *at.number_input) if each.key == key).set_value(value)
    return read(at)
