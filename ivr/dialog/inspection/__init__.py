"""What is wrong with dialogs though each file is well formed: found before the first call, by following every way."""
