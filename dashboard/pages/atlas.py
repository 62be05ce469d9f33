"""Atlas: every architecture of a space, or a sample of it, as points; any number on either axis and as colour."""

import streamlit as st

from dashboard.atlas.computation import known_atlases
from dashboard.atlas.controls import put_accuracy_up, request_controls
from dashboard.atlas.filters import filters
from dashboard.atlas.quantities import ACCURACY, atlas_quantities
from dashboard.atlas.request import with_references
from dashboard.atlas.state import AtlasState, results_in
from dashboard.atlas.view import atlas_view, rows_export
from dashboard.atlas.words import atlas_provenance, finding
from dashboard.parts.accuracy_table import chosen_column
from dashboard.parts.text import plain
from dashboard.server.state import state

atlas_state = state(AtlasState)
bar = st.container(horizontal=True, vertical_alignment="bottom", key="bar")
request = request_controls(bar)
if request is not None:
    request = with_references(request, chosen_column(request.space), results_in(request.space))
    if atlases := known_atlases(request):
        atlas_state.shown = request, atlases

if atlas_state.shown is None:
    st.title("Atlas", anchor=False)
else:
    request, atlases = atlas_state.shown
    population = atlases[0].population
    column = chosen_column(population.space)
    values = None if column is None else column.values(population)
    quantities = atlas_quantities(atlases, values, None if column is None else column.column)
    passing = filters(request, quantities, population, bar)
    with bar:
        rows_export(population, quantities, passing)
    st.title(plain(finding(request, quantities, passing)), anchor=False)
    put_accuracy_up(None if column is None or ACCURACY not in quantities else (column.task, column.name))
    atlas_view(request, population, quantities, passing, results_in(request.space))
    accuracies = int(quantities[ACCURACY].finite.sum()) if ACCURACY in quantities else 0
    with st.expander("How this was measured", icon=":material/science:"):
        st.markdown(plain(atlas_provenance(request, atlases, column, accuracies)))
