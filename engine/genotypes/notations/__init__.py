"""The registry of forms that people write genotypes in, beside the strict notations of spaces."""

from __future__ import annotations

from engine.genotypes.notations import (
    darts_call,
    darts_dictionary,
    line_end,
    nas_bench_201_cell,
    nas_bench_201_index,
    nas_bench_301,
    nas_bench_macro_layers,
    naslib,
    nested_lists,
    nni,
)
from engine.genotypes.notations.form import Form

FORMS: dict[str, Form] = {
    form.name: form
    for form in (
        *(nas_bench_201_cell.FORM, nas_bench_201_index.FORM, darts_call.FORM, darts_dictionary.FORM),
        *(nested_lists.FORM, naslib.FORM, nas_bench_301.FORM, nni.FORM, line_end.FORM),
        nas_bench_macro_layers.FORM,
    )
}
