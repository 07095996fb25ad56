"""Files out of this room: the register as CSV, XLSX and JSON (`register`), citations (`cite`)."""
