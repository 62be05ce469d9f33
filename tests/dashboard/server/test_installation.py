from dashboard.server.installation import APP, ASSETS, PACKAGE, ROOT, SCRIPT
from tests import paths


def test_a_clone_has_its_files_at_its_root():
    assert paths.ROOT == ROOT
    assert PACKAGE.parent == ROOT
    assert APP.is_file()
    assert SCRIPT.is_file()
    assert (ASSETS / "examples").is_dir()
