"""Files into this room: a register file that was changed elsewhere (`files` reads it, `register` compares it)."""
