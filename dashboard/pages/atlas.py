"""Atlas: every architecture of a space, or a sample of it, as points; any number on either axis and as colour."""

import streamlit as st

from dashboard.atlas.computation import known_atlases
from dashboard.atlas.controls import put_accuracy_up, request_controls
from dashboard.atlas.filters import filters
from dashboard.atlas.quantities import ACCURACY, atlas_quantities
from dashboard.atlas.request import with_references
from dashboard.atlas.state import AtlasState, results_in
from dashboard.atlas.view import atlas_view, rows_export
from dashboard.atlas.words import atlas_provenance, population_words
from dashboard.parts.accuracy_table import chosen_column
from dashboard.parts.text import plain
from dashboard.server.state import state

atlas_state = state(AtlasState)
atlas_bar = st.container(horizontal=True, vertical_alignment="bottom", key="bar")
atlas_request = request_controls(atlas_bar)
if atlas_request is not None:
    atlas_request = with_references(atlas_request, chosen_column(atlas_request.space), results_in(atlas_request.space))
    if atlases := known_atlases(atlas_request):
        atlas_state.shown = atlas_request, atlases

if atlas_state.shown is None:
    st.title("Atlas", anchor=False)
else:
    atlas_request, atlases = atlas_state.shown
    population = atlases[0].population
    column = chosen_column(population.space)
    values = None if column is None else column.values(population)
    quantities = atlas_quantities(atlases, values, None if column is None else column.column)
    passing = filters(atlas_request, quantities, population, atlas_bar)
    with atlas_bar:
        rows_export(population, quantities, passing)
    st.title(plain(population_words(atlas_request, quantities, passing)), anchor=False)
    put_accuracy_up(None if column is None or ACCURACY not in quantities else (column.task, column.name))
    atlas_view(atlas_request, population, quantities, passing, results_in(atlas_request.space))
    accuracies = int(quantities[ACCURACY].finite.sum()) if ACCURACY in quantities else 0
    with st.expander("How this was measured", icon=":material/science:"):
        st.markdown(plain(atlas_provenance(atlas_request, atlases, column, accuracies)))
