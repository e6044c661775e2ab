"""Who gets in, and how many: pure, but for the files of passes and of tickets that were used."""
