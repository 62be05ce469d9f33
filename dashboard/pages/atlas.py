"""Atlas: every architecture of a space, or a sample of it, as points; any number on either axis and as colour."""

import streamlit as st

from dashboard.atlas.computation import known_atlases
from dashboard.atlas.controls import axis_controls, request_controls
from dashboard.atlas.filters import filters
from dashboard.atlas.quantities import ACCURACY, atlas_quantities
from dashboard.atlas.request import with_references
from dashboard.atlas.state import AtlasState, results_in
from dashboard.atlas.view import atlas_view
from dashboard.atlas.words import atlas_provenance, headline
from dashboard.parts import accuracy_table
from dashboard.parts.text import plain
from dashboard.server.state import state

atlas_state = state(AtlasState)
with st.sidebar:
    request = request_controls()
    table_column = None if request is None else accuracy_table.chosen_column(request.space)
    if request is not None:
        request = with_references(request, table_column, results_in(request.space))

if request is not None and (atlases := known_atlases(request)):
    atlas_state.shown = request, atlases

if atlas_state.shown is None:
    st.markdown("#### Atlas")
else:
    request, atlases = atlas_state.shown
    population = atlases[0].population
    if table_column is not None and table_column.table.population.space != population.space:
        table_column = None
    values = None if table_column is None else table_column.values(population)
    quantities = atlas_quantities(atlases, values, None if table_column is None else table_column.column)
    with st.sidebar:
        axes = axis_controls(quantities)
        st.markdown("**Filters**")
        passing = filters(request, quantities, population)
    drawn = passing & axes.x.finite & axes.y.finite
    st.markdown(f"#### {headline(request, len(population), int(drawn.sum()))}")
    accuracies = int(quantities[ACCURACY].finite.sum()) if ACCURACY in quantities else 0
    st.caption(plain(atlas_provenance(request, atlases, table_column, accuracies)))
    atlas_view(request, population, quantities, axes, passing, results_in(request.space))
