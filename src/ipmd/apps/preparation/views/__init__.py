"""Pages of this room: each gets its records through `visible_to(user)`, asks `rules` who may, and calls one verb."""
