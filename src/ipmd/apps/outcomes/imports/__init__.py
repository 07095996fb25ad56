"""Files into this room: a register file that was changed elsewhere."""
