"""How good is an interviewer? Rated answers, attacks, personas, and the numbers they come to."""
